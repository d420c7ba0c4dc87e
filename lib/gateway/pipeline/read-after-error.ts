import { isReadBeyondEnd, mayReportUsage, type StreamMeter } from "#lib/dialects/events/stream-meter";
import { readOn } from "./read-on";

/** A provider that has reported an error ends its stream, or has more to say at once. */
const USAGE_AFTER_ERROR_MS = 300;

const mayBeBilled = (meter: StreamMeter): boolean => mayReportUsage(meter) || isReadBeyondEnd(meter);

/** Reads on after a provider's error, or an end without content, for a usage that it may report after it. */
export async function readUsageAfterError(
  meter: StreamMeter,
  source: AsyncIterator<Buffer>,
  cutUpstream: () => void,
): Promise<void> {
  if (!mayBeBilled(meter)) return;
  const tooLong = setTimeout(cutUpstream, USAGE_AFTER_ERROR_MS);
  await readOn(meter, source, () => mayBeBilled(meter));
  clearTimeout(tooLong);
}

import {
  isReadBeyondEnd,
  mayReportUsage,
  pushBytes,
  pushEnd,
  type StreamMeter,
} from "#lib/dialects/events/stream-meter";

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
  try {
    while (mayBeBilled(meter)) {
      const step = await source.next();
      if (step.done) {
        pushEnd(meter);
        return;
      }
      pushBytes(meter, step.value);
    }
  } catch {
    // The connection broke or was cut: there is no usage.
  } finally {
    clearTimeout(tooLong);
  }
}

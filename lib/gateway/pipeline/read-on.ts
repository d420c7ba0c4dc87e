import { pushBytes, pushEnd, type StreamMeter } from "#lib/dialects/events/stream-meter";

/** Reads a stream for its meter alone, to its end or while that is wanted. A connection that breaks or is cut ends it. */
export async function readOn(
  meter: StreamMeter,
  source: AsyncIterator<Buffer>,
  isWanted: () => boolean,
): Promise<void> {
  try {
    while (isWanted()) {
      const step = await source.next();
      if (step.done) {
        pushEnd(meter);
        return;
      }
      pushBytes(meter, step.value);
    }
  } catch {
    // What has arrived counts.
  }
}

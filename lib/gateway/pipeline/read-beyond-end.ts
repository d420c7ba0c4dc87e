import { isReadBeyondEnd, pushBytes, pushEnd, type StreamMeter } from "#lib/dialects/events/stream-meter";

/** How long a server may be silent that runs tools and asks the model again. */
const SILENT_MS = 30_000;
/** A server without tools to run has nothing more to say: it ends its stream, or leaves it open. */
const SILENT_WITHOUT_TOOLS_MS = 2_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** How long to wait for more after the end of a stream. */
export const silentMsFor = ({
  hasTools,
  mayGetTools,
}: {
  hasTools: boolean;
  mayGetTools: boolean;
}): number => (hasTools || mayGetTools ? SILENT_MS : SILENT_WITHOUT_TOOLS_MS);

/**
 * Reads what a server appends to a stream after its end, until it ends the stream, for what it reports there. The client
 * has the first answer: no dialect has two in a stream.
 * @returns whether the server left its stream open in silence
 */
export async function readBeyondEnd(
  meter: StreamMeter,
  source: AsyncIterator<Buffer>,
  cutUpstream: () => void,
  silentMs: number,
): Promise<boolean> {
  if (!isReadBeyondEnd(meter)) return false;
  let isSilent = false;
  let bytes = 0;
  const silence = setTimeout(() => {
    isSilent = true;
    cutUpstream();
  }, silentMs);
  try {
    while (isReadBeyondEnd(meter) && bytes < MOST_BYTES) {
      const step = await source.next();
      if (step.done) {
        pushEnd(meter);
        return false;
      }
      silence.refresh();
      bytes += step.value.length;
      pushBytes(meter, step.value);
    }
    cutUpstream();
  } catch {
    // The connection broke or was cut: what has arrived counts.
  } finally {
    clearTimeout(silence);
  }
  return isSilent;
}

import {
  type EventReader,
  type MeterOptions,
  pushBytes,
  pushEnd,
  type StreamFault,
  type StreamMeter,
  streamMeter,
} from "#lib/dialects/events/stream-meter";
import type { Cancellation } from "#lib/providers/cancellation";
import { decodedBody } from "#lib/providers/decode-body";
import type { UpstreamAnswer } from "#lib/providers/wire";

/** A stream whose first event has arrived: from here on there is no other target. */
export type OpenStream = {
  meter: StreamMeter;
  /** The rest of the provider's bytes. */
  source: AsyncIterator<Buffer>;
  /** Cuts the connection to the provider. */
  cutUpstream: () => void;
  /** The chunks that can be relayed already. */
  first: Buffer[];
};

/** A stream that failed before anything could be relayed. */
export class StreamFailed extends Error {
  override name = "StreamFailed";
  constructor(
    message: string,
    readonly fault: StreamFault | null,
  ) {
    super(message);
  }
}

/**
 * Waits for the first event of a stream, so that a provider's error inside a 200 is answered as an error.
 * @throws StreamFailed, or the error that broke the connection
 */
export async function openStream(
  answer: UpstreamAnswer,
  reader: EventReader,
  options: MeterOptions,
  cancellation: Cancellation,
): Promise<OpenStream> {
  const cutUpstream = answer.body.cut;
  if (!isEventStream(answer.headers["content-type"])) {
    cutUpstream();
    throw new StreamFailed("The provider did not answer a streamed request with a stream", null);
  }
  const unwatch = cancellation.onCancel(cutUpstream);
  const meter = streamMeter(reader, options);
  try {
    const source: AsyncIterator<Buffer> = decodedBody(answer).chunks();
    for (;;) {
      const step = await source.next();
      const first = step.done ? pushEnd(meter) : pushBytes(meter, step.value);
      if (first.length > 0 || meter.done) return { meter, source, first, cutUpstream };
      if (step.done || meter.fault) break;
    }
  } finally {
    unwatch();
  }
  cutUpstream();
  if (meter.fault?.kind === "provider_error") {
    throw new StreamFailed("The provider answered with an error", meter.fault);
  }
  throw new StreamFailed("The provider's stream was invalid from the start", meter.fault);
}

function isEventStream(contentType: string | string[] | undefined): boolean {
  return typeof contentType === "string" && /^text\/event-stream\b/i.test(contentType.trim());
}

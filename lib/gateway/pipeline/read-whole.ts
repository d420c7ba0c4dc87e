import type { Dialect } from "#lib/dialects/dialect";
import { pushBytes, streamMeter } from "#lib/dialects/events/stream-meter";
import type { WholeAnswer } from "#lib/dialects/said";
import type { Cancellation } from "#lib/providers/cancellation";
import { decodedBody } from "#lib/providers/decode-body";
import type { UpstreamAnswer } from "#lib/providers/wire";

/** A whole body and what it says. */
export type WholeRead = { bytes: Buffer; read: WholeAnswer };

/** Pictures and sound make an answer large; 64 MB are some 50 of them. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Reads the body of an answer to a request that is not streamed, and what it says, before another target is
 * given up.
 * @throws the error that broke the connection, or AnswerTooLarge
 */
export async function readWhole(
  answer: UpstreamAnswer,
  dialect: Dialect,
  cancellation: Cancellation,
): Promise<WholeRead> {
  const unwatch = cancellation.onCancel(answer.body.cut);
  try {
    return wholeRead(await decodedBody(answer).whole(MAX_ANSWER_BYTES), dialect);
  } finally {
    unwatch();
  }
}

/** What a whole body says. */
export function wholeRead(bytes: Buffer, dialect: Dialect): WholeRead {
  const read = dialect.readWhole(bytes);
  return { bytes, read: read.said === "unusable" ? (errorInEvents(bytes, dialect) ?? read) : read };
}

/** Some providers report the error of a request that is not streamed as an event. */
function errorInEvents(bytes: Buffer, { events }: Dialect): WholeAnswer | null {
  const meter = streamMeter(events, { passUsage: false, answers: 1 });
  pushBytes(meter, bytes);
  if (meter.hasContent || meter.fault?.kind !== "provider_error") return null;
  return { said: "error", error: meter.fault.detail, usage: meter.usage, outputBytes: 0 };
}

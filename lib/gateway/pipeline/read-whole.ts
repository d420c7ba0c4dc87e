import type { Dialect } from "#lib/dialects/dialect";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { isUsageFinal, pushBytes, pushEnd, seenTokens, streamMeter } from "#lib/dialects/events/stream-meter";
import type { WholeAnswer } from "#lib/dialects/said";
import { laterUsage } from "#lib/dialects/usage";
import type { Cancellation } from "#lib/providers/cancellation";
import { decodedBody } from "#lib/providers/decode-body";
import type { UpstreamAnswer } from "#lib/providers/wire";

/** A whole body and what it says. */
export type WholeRead = { bytes: Buffer; read: WholeAnswer };

/** Pictures and sound make an answer large; 64 MB are some 50 of them. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** An event of a stream has as much. */
const MAX_CONVERTED_BYTES = 16 * 1024 * 1024;

/**
 * Reads the body of an answer to a request that is not streamed, and what it says, before another target is
 * given up.
 * @throws the error that broke the connection, or AnswerTooLarge
 */
export async function readWhole(
  answer: UpstreamAnswer,
  dialect: Dialect,
  answers: number,
  cancellation: Cancellation,
): Promise<WholeRead> {
  const unwatch = cancellation.onCancel(answer.body.cut);
  try {
    return wholeRead(await decodedBody(answer).whole(MAX_ANSWER_BYTES), dialect, answers);
  } finally {
    unwatch();
  }
}

/** What a whole body says to a request for `answers` answers. A stream's events are put together. */
export function wholeRead(body: Buffer, dialect: Dialect, answers: number): WholeRead {
  const bytes = withoutMark(body);
  const read = dialect.readWhole(bytes);
  return read.said === "unusable" ? readEvents(bytes, dialect, answers, read) : { bytes, read };
}

/** Whether an answer is small enough to be turned from one form into the other: it is parsed in full. */
export const isConvertible = (bytes: Buffer): boolean => bytes.length <= MAX_CONVERTED_BYTES;

/** A byte-order mark is legal at a provider, and no client expects one. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Some providers stream though they were not asked to: a whole answer, or only an error. */
function readEvents(bytes: Buffer, dialect: Dialect, answers: number, unusable: WholeAnswer): WholeRead {
  if (!isConvertible(bytes)) return { bytes, read: unusable };
  const meter = streamMeter(dialect.events, { passUsage: true, answers });
  pushBytes(meter, bytes);
  pushEnd(meter);
  const { fault, usage } = meter;
  if (fault?.kind === "provider_error" && !meter.hasContent) {
    return { bytes, read: { said: "error", error: fault.detail, usage, outputTokens: 0 } };
  }
  if (fault !== null || !(meter.done || meter.finished))
    return { bytes, read: { ...unusable, usage: laterUsage(unusable.usage, usage) } };
  const whole = dialect.assemble(eventPayloads(bytes.toString("utf8")));
  const read = dialect.readWhole(whole);
  // A usage from before the last content does not count it.
  if (read.usage === null || isUsageFinal(meter)) return { bytes: whole, read };
  return { bytes: whole, read: { ...read, usage: null, outputTokens: seenTokens(meter) } };
}

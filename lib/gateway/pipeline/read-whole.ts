import { setImmediate as nextTurn } from "node:timers/promises";
import type { AnswerDialect, Assembler } from "#lib/dialects/dialect";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { reportedInAll } from "#lib/dialects/events/further-answers";
import { isUsageFinal, reportedUsage, seenTokens } from "#lib/dialects/events/meter-usage";
import { pushBytes, pushEnd, type StreamMeter, streamMeter } from "#lib/dialects/events/stream-meter";
import type { WholeAnswer } from "#lib/dialects/said";
import { inputOf, laterUsage, outputOf } from "#lib/dialects/usage";
import type { AnswerCount } from "#lib/gateway/ports/answer-bytes";
import type { Cancellation } from "#lib/providers/cancellation";
import { decodedBody } from "#lib/providers/decode-body";
import type { UpstreamAnswer } from "#lib/providers/wire";

/** A whole body and what it says. */
export type WholeRead = { bytes: Buffer; read: WholeAnswer };

/** Pictures and sound make an answer large; 64 MB are some 50 of them. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** An event of a stream has as much. */
const MAX_CONVERTED_BYTES = 16 * 1024 * 1024;
/** Events of this many bytes are read in milliseconds. */
const SLICE_BYTES = 64 * 1024;
const BLANK_SLICE_BYTES = 4 * 1024 * 1024;

/**
 * Reads the body of an answer to a request that is not streamed, and what it says, before another target is
 * given up.
 * @param count counts it until it is released; that of anything but content is
 * @throws the error that broke the connection, AnswerTooLarge, or service_unavailable without room for it
 */
export async function readWhole(
  answer: UpstreamAnswer,
  dialect: AnswerDialect,
  answers: number,
  cancellation: Cancellation,
  count: AnswerCount,
): Promise<WholeRead> {
  const unwatch = cancellation.onCancel(answer.body.cut);
  let isKept = false;
  try {
    const bytes = await decodedBody(answer).whole(dialect.mostAnswerBytes ?? MAX_ANSWER_BYTES, count);
    count.gathered();
    const whole = await wholeRead(bytes, dialect, answers);
    isKept = whole.read.said === "content";
    return whole;
  } finally {
    if (!isKept) count.release();
    unwatch();
  }
}

/** What a whole body says to a request for `answers` answers. A stream's events are put together. */
export async function wholeRead(body: Buffer, dialect: AnswerDialect, answers: number): Promise<WholeRead> {
  const bytes = await withoutBlank(body);
  const read = await dialect.readWhole(bytes);
  return read.said === "unusable" ? readEvents(bytes, dialect, answers, read) : { bytes, read };
}

/** Whether an answer is small enough to be turned from one form into the other: it is parsed in full. */
export const isConvertible = (bytes: Buffer): boolean => bytes.length <= MAX_CONVERTED_BYTES;

/** A byte-order mark and blank lines are legal at a provider, and no client expects them. */
async function withoutBlank(bytes: Buffer): Promise<Buffer> {
  let from = bytes.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  while (isBlank(bytes[from])) {
    from += 1;
    if (from % BLANK_SLICE_BYTES === 0) await nextTurn();
  }
  return bytes.subarray(from);
}

export const MARK = Buffer.from("\uFEFF");

/** White space in JSON. */
export const isBlank = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Some providers stream though they were not asked to: a whole answer, or only an error. Read in slices, so that
 * other requests are served meanwhile.
 */
async function readEvents(
  bytes: Buffer,
  dialect: AnswerDialect,
  answers: number,
  unusable: WholeAnswer,
): Promise<WholeRead> {
  if (!isConvertible(bytes)) return { bytes, read: unusable };
  const meter = streamMeter(dialect.events, { passUsage: true, answers, goesOn: true });
  const assembler = dialect.assembler();
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (at > 0) await nextTurn();
    const events = Buffer.concat(pushBytes(meter, bytes.subarray(at, at + SLICE_BYTES)));
    // One event may be all there is.
    if (events.length > SLICE_BYTES) await nextTurn();
    addEvents(assembler, events);
  }
  addEvents(assembler, Buffer.concat([...pushEnd(meter), ...meter.held]));
  if (bytes.length > SLICE_BYTES) await nextTurn();
  const { fault, usage } = meter;
  if (fault?.kind === "provider_error" && !meter.hasContent) {
    return {
      bytes,
      read: { said: "error", error: fault.detail, usage, outputTokens: 0, statedCostPicoUsd: null },
    };
  }
  const whole = fault === null && (meter.done || meter.finished) ? assembler.whole() : null;
  if (whole === null) return { bytes, read: { ...unusable, usage: laterUsage(unusable.usage, usage) } };
  return { bytes: whole, read: withReported(await dialect.readWhole(whole), meter) };
}

/** What an answer says that was put together, with what its events have reported. */
function withReported(whole: WholeAnswer, meter: StreamMeter): WholeAnswer {
  const usage = reportedUsage(meter);
  const all = reportedInAll(meter, usage);
  if (all !== usage || usage === null || isUsageFinal(meter)) return { ...whole, usage: all };
  // A usage from before the last content has the least output.
  return { ...whole, usage: inputOf(usage), outputTokens: Math.max(seenTokens(meter), outputOf(usage)) };
}

function addEvents(assembler: Assembler, events: Buffer): void {
  for (const payload of eventPayloads(events.toString("utf8"))) assembler.add(payload);
}

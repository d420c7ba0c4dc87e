import { setImmediate as nextTurn } from "node:timers/promises";
import type { AnswerDialect } from "#lib/dialects/dialect";
import { HEARTBEAT } from "#lib/dialects/events/event-lines";
import { reportedInAll } from "#lib/dialects/events/further-answers";
import { usageAtEnd } from "#lib/dialects/events/meter-usage";
import {
  type MeterOptions,
  pushBytes,
  pushEnd,
  type StreamMeter,
  saidBy,
  streamMeter,
} from "#lib/dialects/events/stream-meter";
import type { Said, WholeAnswer } from "#lib/dialects/said";
import type { ReportedUsage } from "#lib/dialects/usage";
import type { AnswerCount } from "#lib/gateway/ports/answer-bytes";
import type { Cancellation } from "#lib/providers/cancellation";
import { decodedBody } from "#lib/providers/decode-body";
import { LEAST_ROOM_BYTES, untilFree } from "#lib/providers/upstream-body";
import { AnswerTooLarge, UpstreamTimeout } from "#lib/providers/upstream-error";
import type { Lateness, UpstreamAnswer } from "#lib/providers/wire";
import { readUsageAfterError } from "./read-after-error";
import { isBlank, isConvertible, MARK, MAX_ANSWER_BYTES, type WholeRead, wholeRead } from "./read-whole";

/** A stream whose first content has arrived: from here on there is no other target. */
export type OpenStream = {
  meter: StreamMeter;
  /** The rest of the provider's bytes. */
  source: AsyncIterator<Buffer>;
  /** Cuts the connection to the provider. */
  cutUpstream: () => void;
  /** The chunks that can be relayed already: the first content and what came before it. */
  first: Buffer[];
};

/** A stream that ended without content, after it had reported some usage. Its cause says why. */
export class EndedAfterReport extends Error {
  override name = "EndedAfterReport";
  constructor(
    readonly usage: ReportedUsage | null,
    cause: unknown,
  ) {
    super("The provider's stream ended before its content", { cause });
  }
}

/** An open stream, or what the provider said instead of one. */
export type StreamOpening = { kind: "open"; stream: OpenStream } | { kind: "said"; read: WholeAnswer };

export type OpeningOptions = MeterOptions & {
  /** How long to wait for the first content. */
  timeoutMs: number;
  /** What a late stream is read on for; null: it is cut off. */
  late: Lateness | null;
  /** How long the request was. */
  requestCharacters: number;
  /** Counts an answer that is no stream until it has become one. */
  count: AnswerCount;
};

/** Chunks that say nothing, which wait for the first content. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;
/** Besides, those that repeat the request: a response's instructions and tools are in two of them, and may be escaped there. */
const HELD_BYTES_PER_CHARACTER = 4;
/** Comments, blank lines and other fields are not kept. */
const MAX_BEFORE_CONTENT_BYTES = MAX_ANSWER_BYTES;
/** The words of a proxy, which are no event. */
const MAX_WORDS_BYTES = 64 * 1024;
/** White space before the first character of a line. */
const MAX_INDENT_BYTES = 1024;
const EMPTY = Buffer.alloc(0);

/**
 * Waits for the first content of a stream, so that a provider's error inside a 200 is answered as an error, or by
 * another target. What comes before it (comments, roles, filter results) waits with it.
 * @param enough ends the wait as soon as the stream has counted its input
 * @throws UpstreamTimeout without content in time, or the error that broke the connection; EndedAfterReport for either
 * after a usage was reported
 */
export async function openStream(
  answer: UpstreamAnswer,
  dialect: AnswerDialect,
  options: OpeningOptions,
  cancellation: Cancellation,
  enough: Cancellation | null = null,
): Promise<StreamOpening> {
  const cutUpstream = answer.body.cut;
  const meter = streamMeter(dialect.events, options);
  const isEnough = () => enough?.isCancelled() === true && meter.usage !== null;
  const unwatch = cancellation.onCancel(cutUpstream);
  const unwatchEnough = enough?.onCancel(() => {
    if (isEnough()) cutUpstream();
  });
  let isLate = false;
  const end = () => {
    isLate = true;
    cutUpstream();
  };
  let deadline = setTimeout(() => {
    if (options.late?.note()) deadline = setTimeout(end, options.late.readOnMs);
    else end();
  }, options.timeoutMs);
  try {
    const source: AsyncIterator<Buffer> = decodedBody(answer).chunks();
    const start = await startOf(source);
    if (start.form === "nothing") {
      cutUpstream();
      return { kind: "said", read: UNUSABLE };
    }
    if (start.form === "body") {
      try {
        const body = await restOf(source, start.bytes, options.count);
        return await splitWhole(
          await wholeRead(body, dialect, options.answers),
          dialect,
          options,
          cutUpstream,
        );
      } finally {
        options.count.release();
      }
    }
    const mostHeldBytes = MAX_HELD_BYTES + options.requestCharacters * HELD_BYTES_PER_CHARACTER;
    const opening = await untilContent(source, start.bytes, meter, { mostHeldBytes, isEnough });
    if (isEnough()) {
      cutUpstream();
      return { kind: "said", read: leftWith(meter) };
    }
    if (opening.said === "content") {
      return { kind: "open", stream: { meter: opening.meter, source, first: opening.first, cutUpstream } };
    }
    await readUsageAfterError(opening.meter, source, cutUpstream);
    cutUpstream();
    return { kind: "said", read: await readEnd(opening, dialect) };
  } catch (error) {
    if (isEnough()) return { kind: "said", read: leftWith(meter) };
    const ended = isLate
      ? new UpstreamTimeout("The provider sent no content in time", true, { cause: error })
      : error;
    throw meter.usage === null ? ended : new EndedAfterReport(usageAtEnd(meter), ended);
  } finally {
    clearTimeout(deadline);
    unwatch();
    unwatchEnough?.();
  }
}

const UNUSABLE: WholeAnswer = {
  said: "unusable",
  error: null,
  usage: null,
  outputTokens: 0,
  statedCostPicoUsd: null,
};
/** What is known of a stream whose client has left before its content. */
const leftWith = (meter: StreamMeter): WholeAnswer => ({ ...UNUSABLE, usage: usageAtEnd(meter) });

const NO_MORE: AsyncIterator<Buffer> = { next: () => Promise.resolve({ done: true, value: undefined }) };

/** Some providers answer whole though a stream was asked for: it becomes one, metered like any other. */
async function splitWhole(
  { bytes, read }: WholeRead,
  dialect: AnswerDialect,
  options: OpeningOptions,
  cutUpstream: () => void,
): Promise<StreamOpening> {
  if (read.said !== "content") return { kind: "said", read };
  const events = isConvertible(bytes) ? dialect.split(bytes) : null;
  if (events === null) return { kind: "said", read: { ...read, said: "unusable" } };
  // Large ones take their time.
  await nextTurn();
  const meter = streamMeter(dialect.events, options);
  const first = pushBytes(meter, events);
  return { kind: "open", stream: { meter, source: NO_MORE, first, cutUpstream } };
}

type Opening = {
  said: Said;
  meter: StreamMeter;
  /** What can be relayed. */
  first: Buffer[];
  /** The beginning of what was received. */
  received: Buffer[];
};

async function untilContent(
  source: AsyncIterator<Buffer>,
  start: Buffer,
  meter: StreamMeter,
  { mostHeldBytes, isEnough }: { mostHeldBytes: number; isEnough: () => boolean },
): Promise<Opening> {
  const first: Buffer[] = [];
  const received: Buffer[] = [];
  let receivedBytes = 0;
  let heldBytes = 0;
  for (let bytes: Buffer | null = start; bytes !== null; bytes = await nextBytes(source)) {
    for (const chunk of pushBytes(meter, bytes)) {
      // That the provider is alive is no news when its content comes.
      if (chunk === HEARTBEAT) continue;
      first.push(chunk);
      heldBytes += chunk.length;
    }
    if (receivedBytes < MAX_WORDS_BYTES) received.push(bytes);
    receivedBytes += bytes.length;
    const said = saidBy(meter);
    const isTooMuch = heldBytes > mostHeldBytes || receivedBytes > MAX_BEFORE_CONTENT_BYTES;
    if (said !== "nothing" || meter.done || isTooMuch || isEnough()) {
      return { said, meter, first, received };
    }
  }
  for (const chunk of pushEnd(meter)) first.push(chunk);
  return { said: saidBy(meter), meter, first, received };
}

/** What a stream says that has ended without content. */
async function readEnd({ meter, received }: Opening, dialect: AnswerDialect): Promise<WholeAnswer> {
  const { fault, done } = meter;
  const usage = reportedInAll(meter, usageAtEnd(meter));
  if (fault?.kind === "provider_error") {
    return { said: "error", error: fault.detail, usage, outputTokens: 0, statedCostPicoUsd: null };
  }
  // A text that is no event at all may be the words of a proxy.
  const { read } =
    fault === null && !done ? await wholeRead(Buffer.concat(received), dialect, 1) : { read: UNUSABLE };
  return read.said === "error" ? read : { ...UNUSABLE, usage };
}

/** What a body begins with tells events from a whole body. */
type Start = { bytes: Buffer; form: "events" | "body" | "nothing" };

/** The bytes from the line of the first character on that is no white space. */
async function startOf(source: AsyncIterator<Buffer>): Promise<Start> {
  let bytes: Buffer = EMPTY;
  let blankBytes = 0;
  for (;;) {
    const more = await nextBytes(source);
    if (more === null) return { bytes, form: "body" };
    bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
    const first = firstCharacter(bytes);
    if (first !== -1) return { bytes, form: isBodyStart(bytes[first]) ? "body" : "events" };
    blankBytes += more.length;
    if (blankBytes > MAX_BEFORE_CONTENT_BYTES) return { bytes: EMPTY, form: "nothing" };
    bytes = lastLineOf(bytes);
  }
}

/** Where the first character is that is neither white space nor of a byte-order mark; -1 without one. */
function firstCharacter(bytes: Buffer): number {
  let at = bytes[0] === MARK[0] && MARK.subarray(0, bytes.length).equals(bytes.subarray(0, 3)) ? 3 : 0;
  while (at < bytes.length && isBlank(bytes[at])) at += 1;
  return at < bytes.length ? at : -1;
}

/** What a line of white space begins with, or a byte-order mark. */
function lastLineOf(blank: Buffer): Buffer {
  const line = blank.subarray(Math.max(blank.lastIndexOf("\n"), blank.lastIndexOf("\r")) + 1);
  return line.subarray(0, MAX_INDENT_BYTES);
}

/** JSON or a page. */
const isBodyStart = (byte: number | undefined) => byte === 0x7b || byte === 0x5b || byte === 0x3c;

async function restOf(source: AsyncIterator<Buffer>, start: Buffer, count: AnswerCount): Promise<Buffer> {
  const chunks = [start];
  let size = start.length;
  let countedBytes = 0;
  for (let bytes = await nextBytes(source); bytes !== null; bytes = await nextBytes(source)) {
    size += bytes.length;
    if (size > MAX_ANSWER_BYTES)
      throw new AnswerTooLarge(`The provider's answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(bytes);
    if (size < LEAST_ROOM_BYTES) continue;
    const failed = count.take(size - countedBytes);
    if (failed !== null) throw failed;
    countedBytes = size;
    await untilFree(count);
  }
  return Buffer.concat(chunks);
}

async function nextBytes(source: AsyncIterator<Buffer>): Promise<Buffer | null> {
  const step = await source.next();
  return step.done ? null : step.value;
}

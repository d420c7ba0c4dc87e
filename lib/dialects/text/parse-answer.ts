import { setImmediate as nextTurn } from "node:timers/promises";
import { rejectCostlyJson } from "#lib/http/json-cost";

/** A smaller answer costs little to parse, whatever it contains. */
const SMALL_BYTES = 1024 * 1024;
/** Of a large answer, longer strings keep their beginning: what is decided by a text is decided by that. */
const LONGEST_STRING_BYTES = 4_096;
const KEPT_OF_STRING_BYTES = 256;
/** Lists near the top hold answers and calls; those further down are probabilities and vectors. */
const longestList = (depth: number): number => (depth <= 2 ? 256 : depth <= 5 ? 64 : 4);
const MOST_DEPTH = 200;
/** What is left must be small enough to parse. */
const MOST_KEPT_BYTES = 2 * 1024 * 1024;
/** How much is scanned before other requests get their turn: some 10 ms. */
const SLICE_BYTES = 2 * 1024 * 1024;

/** Calling native code costs as much as reading this. */
const NEAR_BYTES = 64;

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;

const BOM = Buffer.from("\uFEFF");

/** A parsed answer. */
export type ParsedAnswer = {
  /** Of an answer above 1 MB: with long strings and lists cut short. */
  value: unknown;
  /** How much of it was left out, in bytes of JSON. */
  omittedBytes: number;
};

/**
 * Parses a provider's whole answer. A large one is scanned for what is long in it (pictures, sound, probabilities)
 * and parsed without: parsing 64 MB can block the process for seconds. Other requests are served meanwhile.
 * @throws SyntaxError for what is not JSON, or has too much structure to be an answer
 */
export async function parseAnswer(answer: Buffer): Promise<ParsedAnswer> {
  const bytes = answer.subarray(0, BOM.length).equals(BOM) ? answer.subarray(BOM.length) : answer;
  if (bytes.length <= SMALL_BYTES) {
    const text = bytes.toString("utf8");
    if (!isFlat(text)) throw new SyntaxError("nested too deep");
    return { value: JSON.parse(text), omittedBytes: 0 };
  }
  const scan = cutShort(bytes);
  let step = scan.next();
  for (; !step.done; step = scan.next()) await nextTurn();
  const short = step.value;
  return { value: JSON.parse(short.toString("utf8")), omittedBytes: bytes.length - short.length };
}

/** Whether what is parsed of it can be walked: a recursion over more levels may overflow the stack. */
function isFlat(json: string): boolean {
  if (json.length <= MOST_DEPTH) return true;
  try {
    rejectCostlyJson(json, { values: Number.POSITIVE_INFINITY, depth: MOST_DEPTH });
    return true;
  } catch {
    return false;
  }
}

/** The JSON without what is long in it. Yields after each slice. */
function* cutShort(bytes: Buffer): Generator<void, Buffer> {
  let restAt = SLICE_BYTES;
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let from = 0;
  const keep = (to: number) => {
    kept.push(bytes.subarray(from, to));
    keptBytes += to - from;
    if (keptBytes > MOST_KEPT_BYTES) throw new SyntaxError("too much structure");
  };
  /** How many more elements of the list at each depth are kept; without an end in an object. */
  const left: number[] = [];
  let depth = 0;
  /** The depth of the list whose rest is left out. */
  let cutDepth = 0;
  let hasEnded = false;
  for (let at = 0; at < bytes.length; at++) {
    if (at >= restAt) {
      yield;
      restAt = at + SLICE_BYTES;
    }
    const code = bytes[at] ?? 0;
    // There is white space around the one value.
    if (depth === 0 && code > SPACE && (hasEnded || (code | 0x20) !== 0x7b)) {
      throw new SyntaxError("not one object or list");
    }
    if (code === QUOTE) {
      const near = nearQuote(bytes, at + 1);
      const close = near >= 0 ? near : yield* closingQuote(bytes, ~near);
      if (cutDepth === 0 && close - at > LONGEST_STRING_BYTES) {
        keep(endOfBeginning(bytes, at + 1));
        from = close;
      }
      at = close;
    } else if (code === COMMA && cutDepth === 0) {
      const more = (left[depth] ?? 0) - 1;
      left[depth] = more;
      if (more > 0) continue;
      keep(at);
      cutDepth = depth;
    } else if ((code | 0x20) === 0x7b) {
      depth += 1;
      if (depth > MOST_DEPTH) throw new SyntaxError("nested too deep");
      left[depth] = code === OPEN_LIST ? longestList(depth) : Number.POSITIVE_INFINITY;
    } else if ((code | 0x20) === 0x7d) {
      if (cutDepth === depth && cutDepth > 0) {
        cutDepth = 0;
        from = at;
      }
      depth -= 1;
      hasEnded = depth === 0;
    }
  }
  keep(bytes.length);
  return Buffer.concat(kept);
}

/** Where to cut a string whose bytes begin at `from`: not within an escape or a character. */
function endOfBeginning(bytes: Buffer, from: number): number {
  let to = from;
  for (; to < from + KEPT_OF_STRING_BYTES; to++) {
    const code = bytes[to] ?? 0;
    if (code < 0x20 || code > 0x7e || code === BACKSLASH) break;
  }
  return to;
}

/** Where a string ends whose bytes begin at `from`; if it is not near, the complement of where to go on. */
function nearQuote(bytes: Buffer, from: number): number {
  const near = from + NEAR_BYTES;
  let at = from;
  while (at < near) {
    const code = bytes[at];
    if (code === QUOTE) return at;
    at += code === BACKSLASH ? 2 : 1;
  }
  return ~at;
}

/** Where a long string ends whose bytes go on at `from`: searched by native code. Yields after each slice. */
function* closingQuote(bytes: Buffer, from: number): Generator<void, number> {
  let restAt = from + SLICE_BYTES;
  for (let at = from; ; ) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) throw new SyntaxError("unterminated string");
    let slashes = 0;
    while (quote - slashes > at && bytes[quote - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote;
    const near = nearQuote(bytes, quote + 1);
    if (near >= 0) return near;
    at = ~near;
    if (at < restAt) continue;
    yield;
    restAt = at + SLICE_BYTES;
  }
}

/** A smaller answer costs little to parse, whatever it contains. */
const SMALL_BYTES = 1024 * 1024;
/** Of a large answer, longer strings keep their beginning: what is decided by a text is decided by that. */
const LONGEST_STRING_BYTES = 4_096;
const KEPT_OF_STRING_BYTES = 256;
/** Lists near the top hold answers and calls; those further down are probabilities and vectors. */
const longestList = (depth: number): number => (depth <= 2 ? 256 : depth <= 5 ? 64 : 4);
const MOST_DEPTH = 200;
/** What is left must be small enough to parse. */
const MOST_KEPT_BYTES = 8 * 1024 * 1024;

/** Calling native code costs as much as reading this. */
const NEAR_BYTES = 64;

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
 * and parsed without: parsing 64 MB can block the process for seconds.
 * @throws SyntaxError for what is not JSON, or has too much structure to be an answer
 */
export function parseAnswer(answer: Buffer): ParsedAnswer {
  const bytes = answer.subarray(0, BOM.length).equals(BOM) ? answer.subarray(BOM.length) : answer;
  if (bytes.length <= SMALL_BYTES) {
    return { value: JSON.parse(bytes.toString("utf8")), omittedBytes: 0 };
  }
  const short = cutShort(bytes);
  return { value: JSON.parse(short.toString("utf8")), omittedBytes: bytes.length - short.length };
}

/** The JSON without what is long in it. */
function cutShort(bytes: Buffer): Buffer {
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
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at] ?? 0;
    if (code === QUOTE) {
      const close = closingQuote(bytes, at + 1);
      if (cutDepth === 0 && close - at > LONGEST_STRING_BYTES) {
        keep(endOfBeginning(bytes, at + 1));
        from = close;
      }
      at = close;
    } else if (code === COMMA && cutDepth === 0) {
      const more = (left[depth] ?? 0) - 1;
      left[depth] = more;
      if (more > 0) continue;
      if (depth === 0) throw new SyntaxError("more than one value");
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
      if (depth < 0) throw new SyntaxError("unbalanced brackets");
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

/** Where a string ends whose bytes begin at `from`. Long ones are searched by native code. */
function closingQuote(bytes: Buffer, from: number): number {
  for (let at = from; ; ) {
    const near = at + NEAR_BYTES;
    while (at < near) {
      const code = bytes[at];
      if (code === QUOTE) return at;
      at += code === BACKSLASH ? 2 : 1;
    }
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) throw new SyntaxError("unterminated string");
    let slashes = 0;
    while (quote - slashes > at && bytes[quote - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}

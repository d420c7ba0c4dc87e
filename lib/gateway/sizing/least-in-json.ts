import type { Call } from "#lib/dialects/call";
import type { Dialect, PromptWeight } from "#lib/dialects/dialect";
import { added, CLASSES, LINE_BREAK, PIECE_UNLESS_CONTRACTED, PUNCTUATION, THIRDS, UNKNOWN } from "./pieces";
import type { Tokenizer } from "./tokenizers";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const U = 0x75;
const BLOCK_CHARACTERS = 4_096;
/** Data has few lengths, so that each string can be compared with them. */
const MOST_COMPARED_LENGTHS = 16;

/** What an escape other than `\u` stands for. */
const ESCAPED = new Uint8Array(128);
ESCAPED["n".charCodeAt(0)] = LINE_BREAK;
for (const sign of '"\\/') ESCAPED[sign.charCodeAt(0)] = PUNCTUATION;

/** By four classes of three bits each: of the characters before the last two, of those, and of the next. */
const tableOf = (splitsAtCase: boolean) =>
  Uint8Array.from({ length: 4_096 }, (_, classes) => {
    const adds = added((classes >> 6) & 7, (classes >> 3) & 7, classes & 7, splitsAtCase);
    if (adds !== PIECE_UNLESS_CONTRACTED) return adds;
    // An apostrophe is punctuation, and may be escaped.
    const first = classes >> 9;
    return first === PUNCTUATION || first === UNKNOWN ? 0 : THIRDS;
  });
const SPLIT_AT_CASE = tableOf(true);
const NOT_SPLIT_AT_CASE = tableOf(false);

/** Where a scan is in a text, what it has found, and the classes of the last three characters. */
type Scan = { at: number; classes: number; thirds: number; units: number; isClosed: boolean };

/** What a prompt weighs at least. */
export type LeastPrompt = Pick<PromptWeight, "structureTokens"> & { textTokens: number };

/**
 * The least that `prompt` of a dialect weighs, from the body's text alone: without parsing it, which takes several times
 * as long, and without counting. The tokens of texts are those of `leastTokens`, or a few less at escapes. A field that
 * occurs twice counts twice. Stops soon after `enough`.
 */
export function leastInJson(
  { promptSpans }: Pick<Dialect, "promptSpans">,
  call: Call,
  tokenizer: Tokenizer,
  enough: number,
): LeastPrompt {
  const { json, media } = call;
  const { spans, tokensPerContainer, tokensPerField } = promptSpans(call);
  const table = tokenizer === "cl100k" ? NOT_SPLIT_AT_CASE : SPLIT_AT_CASE;
  const mostThirds = enough * THIRDS;
  const thirdsPerContainer = tokensPerContainer * THIRDS;
  const scan: Scan = { at: 0, classes: 0, thirds: 0, units: 0, isClosed: false };
  let containers = 0;
  let fields = 0;
  for (const { start, end } of spans) {
    for (let at = start; at < end && scan.thirds + containers * thirdsPerContainer <= mostThirds; at++) {
      const code = json.charCodeAt(at);
      if (code === QUOTE) at = scanString(json, at + 1, scan, media.dataLengths, table, mostThirds);
      else if (code === COLON) fields += 1;
      else if ((code | 0x20) === 0x7b) containers += 1;
    }
  }
  const scalars = Math.max(0, fields - containers);
  return {
    textTokens: Math.floor(scan.thirds / THIRDS),
    structureTokens: containers * tokensPerContainer + scalars * tokensPerField,
  };
}

/** Adds what a string has at least, unless it may be data. Returns where it ends. */
function scanString(
  json: string,
  from: number,
  scan: Scan,
  dataLengths: ReadonlySet<number>,
  table: Uint8Array,
  mostThirds: number,
): number {
  const close = dataLengths.size === 0 ? -1 : endOfData(json, from, dataLengths);
  if (close !== -1) return close;
  const before = scan.thirds;
  scan.at = from;
  scan.classes = 0;
  scan.units = 0;
  scan.isClosed = false;
  while (!scan.isClosed && scan.at < json.length) {
    scanBlock(json, scan, table);
    if (scan.thirds > mostThirds && dataLengths.size === 0) break;
  }
  if (dataLengths.has(scan.units)) scan.thirds = before;
  return scan.at;
}

/** Where a string ends that is as long as data, if it has no escapes; -1 if it is not. */
function endOfData(json: string, from: number, dataLengths: ReadonlySet<number>): number {
  if (dataLengths.size > MOST_COMPARED_LENGTHS) return -1;
  for (const length of dataLengths) {
    if (json.charCodeAt(from + length) === QUOTE && json.indexOf('"', from) === from + length)
      return json.charCodeAt(from + length - 1) === BACKSLASH ? -1 : from + length;
  }
  return -1;
}

/** Adds what the next characters of a string add, up to its end. */
function scanBlock(json: string, scan: Scan, table: Uint8Array): void {
  let { at, classes, thirds, units } = scan;
  const until = Math.min(json.length, at + BLOCK_CHARACTERS);
  while (at < until) {
    const code = json.charCodeAt(at);
    let of = code < 128 ? (CLASSES[code] ?? 0) : 0;
    at += 1;
    if (code === QUOTE) {
      scan.isClosed = true;
      thirds += table[(classes << 3) & 4_095] ?? 0;
      at -= 1;
      break;
    }
    if (code === BACKSLASH) {
      const escaped = json.charCodeAt(at);
      of = escaped === U ? UNKNOWN : (ESCAPED[escaped] ?? 0);
      at += escaped === U ? 5 : 1;
    }
    units += 1;
    classes = ((classes << 3) | of) & 4_095;
    thirds += table[classes] ?? 0;
  }
  scan.at = at;
  scan.classes = classes;
  scan.thirds = thirds;
  scan.units = units;
}

import { isSpace, skipSpace } from "./json-scan";

/** A growth in bytes, and in tokens at most. */
export type Growth = { bytes: number; tokens: number };

export const NO_GROWTH: Readonly<Growth> = { bytes: 0, tokens: 0 };

/**
 * What JSON may grow by when a chat template or a server writes it out anew, in bytes, each of which may be a token:
 * - indented by four spaces (`tojson(indent=4)` of Llama 3, Granite and Cohere), or each field in a tag of its name
 *   (Qwen3-Coder, GLM, MiniMax, DeepSeek 3.2), or as TypeScript, with `// ` before each line of a description
 *   (gpt-oss, Kimi K2, GigaChat), whichever is longest;
 * - `<>&'` as `\u003c` (Jinja's `tojson`), other alphabets as `\uXXXX` (Python's `json.dumps`), `/` as `\/`;
 * - numbers with all their digits: 1e300 has 301 of them (minijinja), 1e15 is 1000000000000000.0 (Python).
 *
 * Every provider may write comments and numbers at length (`always`), with at most one token for each byte and digit:
 * OpenAI's format has a comment for each line (github.com/openai/harmony).
 */
export type WrittenOut = {
  bytes: number;
  /** The same in tokens: each byte of names and escapes may be one, but not each of a template's own words and spaces. */
  tokens: number;
  always: Growth;
};

const INDENTATION = 4;
/** Command R indents the arguments of calls further. */
const LEVELS_ABOVE_ARGUMENTS = 2;
/** `// ` before a line, after two spaces for each level of objects below a function. */
const COMMENT_BYTES = 3;
const LEVELS_ABOVE_COMMENTS = 3;
/** `\n<`, `>`, `</` and `>` around a value, besides its name. */
const TAG_BYTES = 7;
/** A property that is written as an element of its own, with its name in another. */
const ELEMENT_BYTES = 48;
/** An argument of a call, in the longest form of any template (DeepSeek 3.2). */
const ARGUMENT_BYTES = 72;
/** A line's break and its indentation. */
const TOKENS_PER_LINE = 2;
/** What templates write around a value has three bytes a token at least. */
const BYTES_PER_OWN_TOKEN = 3;
const ESCAPE_BYTES = 6;
/** A double's sign, point, exponent and digits; `%.17g` writes so many of 0.1, too. */
const NUMBER_CHARACTERS = 24;
const EXACT_DIGITS = 15;
const SIGNIFICANT_DIGITS = 17;
const SLASH = 0x2f;

const GROWTH_OF_ASCII = Uint8Array.from({ length: 128 }, (_, code) =>
  "<>&'\u007f".includes(String.fromCharCode(code)) ? ESCAPE_BYTES - 1 : code === SLASH ? 1 : 0,
);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const [ZERO, TWO] = [0x30, 0x32];
const [B, F, N, R, U] = [0x62, 0x66, 0x6e, 0x72, 0x75];

/**
 * The growth of the JSON between two positions of a text. What is no JSON is taken for it as far as that goes.
 * @param isArguments whether its outermost fields are the arguments of a call
 */
export function growthWrittenOut(json: string, from: number, to: number, isArguments = false): WrittenOut {
  // Either indented, in tags or as TypeScript.
  let lines = 0;
  let lineCount = 0;
  let tags = 0;
  let names = 0;
  let comments = 0;
  let lineBreaks = 0;
  let strings = 0;
  let digits = 0;
  let digitTokens = 0;
  let depth = 0;
  const levelsAbove = isArguments ? LEVELS_ABOVE_ARGUMENTS : 0;
  const line = () => {
    lines += 2 + (depth + levelsAbove) * INDENTATION;
    lineCount += 1;
  };
  for (let at = from; at < to; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      readString(json, at + 1, to);
      const { end } = read;
      strings += read.bytes;
      lineBreaks += read.lineBreaks;
      comments += read.lineBreaks * (COMMENT_BYTES + Math.max(0, depth - LEVELS_ABOVE_COMMENTS));
      const next = skipSpace(json, end + 1);
      if (next < to && json.charCodeAt(next) === COLON) {
        lines += 1;
        tags += isArguments && depth === 1 ? ARGUMENT_BYTES : TAG_BYTES;
        names += read.isAscii ? end - at - 1 : Buffer.byteLength(json.slice(at + 1, end));
      }
      at = end;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      line();
      tags += ELEMENT_BYTES;
    } else if (code === 0x7d || code === 0x5d) {
      depth = Math.max(0, depth - 1);
      line();
    } else if (code === 0x2c) line();
    else if (code === 0x2d || isDigit(code)) {
      const end = endOfNumber(json, at, to);
      const most = charactersOfNumber(json.slice(at, end));
      digits += Math.max(0, most - (end - at));
      if (most > EXACT_DIGITS) digitTokens += most;
      else digitTokens += most - (end - at);
      at = end - 1;
    }
  }
  return {
    bytes: strings + digits + Math.max(lines, tags + names, comments),
    tokens:
      strings +
      digitTokens +
      Math.max(lineCount * TOKENS_PER_LINE, tags / BYTES_PER_OWN_TOKEN + names, comments),
    always: { bytes: digits + comments, tokens: digitTokens + comments + lineBreaks },
  };
}

/** What was last read of a string: one object for all, since a body has a hundred thousand strings. */
const read = { bytes: 0, lineBreaks: 0, isAscii: true, end: 0 };

/** Reads the growth of a string of JSON whose characters begin at `from`, up to its closing quote or `to`. */
function readString(json: string, from: number, to: number): void {
  let bytes = 0;
  let lineBreaks = 0;
  let isAscii = true;
  let at = from;
  for (; at < to; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) break;
    if (code === BACKSLASH) {
      at += 1;
      const escaped = json.charCodeAt(at);
      if (escaped === N || escaped === R || (escaped === U && isLineBreak(json, at + 1))) lineBreaks += 1;
      // What is no JSON may have anything there.
      if (escaped === U || escaped >= 0x80) isAscii = false;
      // An older writer's \u0008.
      else if (escaped === B || escaped === F) bytes += ESCAPE_BYTES - 2;
    } else if (code < 0x80) bytes += GROWTH_OF_ASCII[code] ?? 0;
    else {
      isAscii = false;
      bytes += code < 0x800 || isSurrogate(code) ? ESCAPE_BYTES - 2 : ESCAPE_BYTES - 3;
    }
  }
  read.bytes = bytes;
  read.lineBreaks = lineBreaks;
  read.isAscii = isAscii;
  read.end = Math.min(at, to);
}

/** Characters at which some servers split lines, as they are escaped. */
const LINE_BREAK = /^(?:000[a-d]|001[c-e]|0085|202[89])$/i;
const isLineBreak = (json: string, at: number): boolean => {
  const first = json.charCodeAt(at);
  return (first === ZERO || first === TWO) && LINE_BREAK.test(json.slice(at, at + 4));
};

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isSurrogate = (code: number) => code >= 0xd800 && code <= 0xdfff;

function endOfNumber(json: string, from: number, to: number): number {
  let at = from + 1;
  while (at < to && !endsNumber(json.charCodeAt(at))) at += 1;
  return at;
}

const endsNumber = (code: number) => code === 0x2c || code === 0x5d || code === 0x7d || isSpace(code);

/** The most characters of a number: as it is given, or as a double without an exponent. */
export function charactersOfNumber(given: string): number {
  if (!/[.eE]/.test(given)) return given.length + 2;
  if (!/[eE]/.test(given)) return Math.max(NUMBER_CHARACTERS, given.length + SIGNIFICANT_DIGITS);
  const exponent = /e([+-]\d+)$/.exec(Number(given).toExponential());
  return Math.max(given.length, NUMBER_CHARACTERS + Math.abs(Number(exponent?.[1] ?? 0)));
}

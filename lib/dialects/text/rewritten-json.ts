/**
 * Bytes that a chat template may add to a text, such as the result of a tool, which it writes as a string of JSON
 * (gpt-oss, Llama 3.1).
 */
export type Rewriting = {
  /** By every such template: escapes. */
  bytes: number;
  /** The same in tokens at most, as those of templates are that are known (written-out.ts). */
  tokens: number;
  /** By those whose JSON is safe in HTML, or has ASCII alone. */
  escapedBytes: number;
  /** By servers that write a call's arguments, which are no text, as one: escapes. */
  asTextBytes: number;
  /** By those of them whose JSON has ASCII alone. */
  asAsciiTextBytes: number;
};

export const NO_REWRITING: Rewriting = {
  bytes: 0,
  tokens: 0,
  escapedBytes: 0,
  asTextBytes: 0,
  asAsciiTextBytes: 0,
};

/** `\u4f60` in place of three bytes, and two of them in place of four. */
const UTF16_ESCAPE_BYTES = 6;

/**
 * Bytes by which a value's JSON is longer than the texts in it, where a model reads it as a text.
 * @param isAscii whether it is written in ASCII alone, as Python does
 */
export function jsonEscapeBytes(value: unknown, isAscii: boolean): number {
  if (typeof value === "string") {
    const escaped = Buffer.byteLength(JSON.stringify(value)) - 2 - Buffer.byteLength(value);
    return escaped + (isAscii ? UTF16_ESCAPE_BYTES * unitsBeyondAscii(value) : 0);
  }
  if (typeof value !== "object" || value === null) return 0;
  let bytes = 0;
  for (const [name, inner] of Object.entries(value))
    bytes += (Array.isArray(value) ? 0 : jsonEscapeBytes(name, isAscii)) + jsonEscapeBytes(inner, isAscii);
  return bytes;
}

const unitsBeyondAscii = (text: string): number => text.match(/[\u0080-\uffff]/g)?.length ?? 0;

/** `<`, `>`, `&` and `'` become `\u003c` and the like; so does a character of two bytes, and one of four twice. */
const ESCAPED = bytesBy((sign) => (sign >= "\u0080" ? 2 : /[<>&]/.test(sign) ? 5 : sign === "'" ? 4 : 0));
/** Also `\'`, as in a string of Python's, in which GLM's template writes a part. */
const QUOTED = bytesBy((sign) => (/["'\\\n]/.test(sign) ? 1 : sign < " " ? 5 : 0));

function bytesBy(added: (sign: string) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => added(String.fromCharCode(byte)));
}

/** Bytes are read faster than characters. */
const CHARACTERS_A_TIME = 16_384;
const scratch = Buffer.alloc(3 * CHARACTERS_A_TIME);

/** What is added to a text. */
export function rewritingOf(text: string): Rewriting {
  let bytes = 0;
  let escapedBytes = 0;
  for (let from = 0; from < text.length; from += CHARACTERS_A_TIME) {
    const length = scratch.write(text.slice(from, from + CHARACTERS_A_TIME));
    for (let at = 0; at < length; at++) {
      const byte = scratch[at] ?? 0;
      bytes += QUOTED[byte] ?? 0;
      escapedBytes += ESCAPED[byte] ?? 0;
    }
  }
  return { ...NO_REWRITING, bytes, tokens: bytes, escapedBytes };
}

/**
 * Bytes that a chat template may add to a text, such as the result of a tool, which it writes as a string of JSON
 * (gpt-oss, Llama 3.1).
 */
export type Rewriting = {
  /** By every such template: escapes. */
  bytes: number;
  /** By those whose JSON is safe in HTML, or has ASCII alone. */
  escapedBytes: number;
};

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
  return { bytes, escapedBytes };
}

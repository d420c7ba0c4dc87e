/**
 * Bytes that a server may add to a text which it writes anew as JSON: chat templates do so with the arguments of calls,
 * which servers parse before, and with the results of tools.
 */
export type Rewriting = {
  /** By every template: escapes, spaces after separators, numbers without their exponents. */
  bytes: number;
  /** By templates whose JSON is safe in HTML, or has ASCII alone. */
  escapedBytes: number;
};

/** `1e15` is `1000000000000000.0`, or 24 characters at most. */
const BYTES_PER_EXPONENT = 21;

/** `<`, `>`, `&` and `'` become `\u003c` and the like; so does a character of two bytes, and one of four twice. */
const ESCAPED = bytesBy((sign) => (sign >= "\u0080" ? 2 : /[<>&']/.test(sign) ? 5 : 0));
const IN_STRINGS = bytesBy((sign) => (/["\\\n]/.test(sign) ? 1 : sign < " " ? 5 : 0));
const IN_JSON = bytesBy((sign) => (/["\\\n:,]/.test(sign) ? 1 : sign < " " ? 5 : 0));

function bytesBy(added: (sign: string) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => added(String.fromCharCode(byte)));
}

/** Bytes are read several times faster than characters. */
const CHARACTERS_A_TIME = 16_384;
const scratch = Buffer.alloc(3 * CHARACTERS_A_TIME);

/** @param isJson whether the text itself is JSON, and not a text that becomes a string in it */
export function rewritingOf(text: string, isJson: boolean): Rewriting {
  let bytes = 0;
  let escapedBytes = 0;
  for (let from = 0; from < text.length; from += CHARACTERS_A_TIME) {
    const length = scratch.write(text.slice(from, from + CHARACTERS_A_TIME));
    const added = rewritingOfBytes(scratch, length, isJson);
    // An exponent may lie between two of them.
    bytes += added.bytes + (isJson && from > 0 ? BYTES_PER_EXPONENT : 0);
    escapedBytes += added.escapedBytes;
  }
  return { bytes, escapedBytes };
}

function rewritingOfBytes(text: Uint8Array, length: number, isJson: boolean): Rewriting {
  const table = isJson ? IN_JSON : IN_STRINGS;
  let bytes = 0;
  let escapedBytes = 0;
  for (let at = 0; at < length; at++) {
    const byte = text[at] ?? 0;
    bytes += table[byte] ?? 0;
    escapedBytes += ESCAPED[byte] ?? 0;
    if (isJson && (byte | 0x20) === 0x65 && isExponent(text, at)) bytes += BYTES_PER_EXPONENT;
  }
  return { bytes, escapedBytes };
}

/** The same for a call's arguments: JSON text, or a value that may have been sent with exponents. */
export function rewritingOfArguments(value: unknown): Rewriting {
  if (typeof value === "string") return rewritingOf(value, true);
  const { bytes, escapedBytes } = rewritingOf(JSON.stringify(value), true);
  return { bytes: bytes + numbersIn(value) * BYTES_PER_EXPONENT, escapedBytes };
}

function numbersIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return typeof value === "number" ? 1 : 0;
  let count = 0;
  for (const inner of Object.values(value)) count += numbersIn(inner);
  return count;
}

/** An exponent follows a digit or a point, and has a sign or a digit. */
const isExponent = (text: Uint8Array, at: number): boolean => {
  const before = text[at - 1] ?? 0;
  const after = text[at + 1] ?? 0;
  return (isDigit(before) || before === 0x2e) && (isDigit(after) || after === 0x2b || after === 0x2d);
};

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

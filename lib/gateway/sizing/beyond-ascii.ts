const BACKSLASH = 0x5c;
const U = 0x75;
/** A character that JSON writes as `\u0b05`. */
const BYTES_OF_ESCAPED = 3;

/**
 * Bytes of an answer's characters that are not ASCII, as they arrive: vocabularies that lack a script make a token of each,
 * and a server shows a character once it is whole.
 */
export function bytesBeyondAscii(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80) count += 1;
    else if (byte === BACKSLASH && bytes[at + 1] === U) count += BYTES_OF_ESCAPED;
  }
  return count;
}

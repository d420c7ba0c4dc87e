/** `&quot;` and `\u003c` are the longest forms of what HTML, XML or JSON may escape. */
const LONGEST_ESCAPE = 6;

const BYTES_OF_ASCII = Uint8Array.from({ length: 128 }, (_, code) =>
  code < 0x20 || code === 0x7f || "&<>'\"".includes(String.fromCharCode(code))
    ? LONGEST_ESCAPE
    : "\\/".includes(String.fromCharCode(code))
      ? 2
      : 1,
);

/**
 * The most bytes of a text when a chat template writes it as an attribute (`&amp;`, Kimi K3) or as JSON, whose other
 * alphabets may be `\uXXXX`.
 */
export function escapedBytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) bytes += BYTES_OF_ASCII[text.charCodeAt(at)] ?? LONGEST_ESCAPE;
  return bytes;
}

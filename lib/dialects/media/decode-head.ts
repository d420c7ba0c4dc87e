/** The first bytes of a file in base64. */
export const decodeHead = (base64: string, bytes: number): Buffer =>
  Buffer.from(headOf(base64, bytes), "base64");

/** Anything but base64 (RFC 4648, section 4) and the white space that all decoders leave out or reject. */
const ODD = /[^A-Za-z0-9+/ \t\r\n]/;
const PADDING = /^={1,2}[ \t\r\n]*$/;

/**
 * Whether every decoder that accepts a text reads the same first bytes in it. Node takes `-` and `_` for `+` and `/`, and
 * stops at an equals sign; Python leaves out the one and goes on behind the other (docs.python.org/3/library/base64,
 * `validate=False`), as PHP and Java's MIME decoder do, so that each bit behind it moves.
 */
export function readsAlike(base64: string, bytes = Number.POSITIVE_INFINITY): boolean {
  const head = headOf(base64, bytes);
  const at = head.search(ODD);
  return at === -1 || PADDING.test(head.slice(at));
}

const headOf = (base64: string, bytes: number): string => base64.slice(0, Math.ceil(bytes / 3) * 4);

const LF = 0x0a;
const CR = 0x0d;
/** Calling native code costs as much as reading this. */
const NEAR_BYTES = 16;

/**
 * Finds the line ends of a text in one pass: each position of the next LF and the next CR is searched for only
 * once, so that a text with many of one and none of the other costs no more than any other.
 */
export type LineEnds = { text: Buffer; lf: number; cr: number };

export function lineEnds(text: Buffer): LineEnds {
  return { text, lf: -1, cr: -1 };
}

/** Where the next line ends, from `from` on; -1 if it does not. `from` must not decrease. */
export function nextLineEnd(ends: LineEnds, from: number): number {
  if (ends.lf < from) ends.lf = indexOf(ends.text, LF, from);
  if (ends.cr < from) ends.cr = indexOf(ends.text, CR, from);
  const next = Math.min(ends.lf, ends.cr);
  return next === ends.text.length ? -1 : next;
}

function indexOf(text: Buffer, byte: number, from: number): number {
  const near = Math.min(from + NEAR_BYTES, text.length);
  for (let at = from; at < near; at++) if (text[at] === byte) return at;
  const at = text.indexOf(byte, near);
  return at === -1 ? text.length : at;
}

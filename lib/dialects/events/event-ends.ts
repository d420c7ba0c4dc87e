const LF = 0x0a;
const CR = 0x0d;

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

/**
 * The position after the blank line that ends the first event from `from` on; -1 without one. Lines end in LF,
 * CR LF or CR (WHATWG HTML, server-sent events); a CR at the very end may yet be half of a CR LF.
 */
export function endOfEvent(ends: LineEnds, from: number): number {
  const { text } = ends;
  for (let at = nextLineEnd(ends, from); at !== -1; ) {
    const next = afterLineEnd(text, at);
    if (next === -1) return -1;
    if (text[next] === LF || text[next] === CR) return afterLineEnd(text, next);
    at = nextLineEnd(ends, next);
  }
  return -1;
}

/** The position after the line end at `at`; -1 if that is not known yet. */
function afterLineEnd(text: Buffer, at: number): number {
  if (text[at] === LF) return at + 1;
  if (at + 1 === text.length) return -1;
  return text[at + 1] === LF ? at + 2 : at + 1;
}

function indexOf(text: Buffer, byte: number, from: number): number {
  const at = text.indexOf(byte, from);
  return at === -1 ? text.length : at;
}

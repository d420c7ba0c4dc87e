const LF = 0x0a;
const CR = 0x0d;

/**
 * The position after the blank line that ends the first event; -1 without one. Lines end in LF, CR LF or CR
 * (WHATWG HTML, server-sent events); a CR at the very end may yet be half of a CR LF.
 */
export function endOfEvent(text: Buffer, from: number): number {
  if (text.indexOf(CR, from) === -1) {
    let at = text.indexOf(LF, from);
    while (at !== -1 && text[at + 1] !== LF) at = text.indexOf(LF, at + 1);
    return at === -1 ? -1 : at + 2;
  }
  for (let at = nextLineEnd(text, from); at !== -1; ) {
    const next = afterLineEnd(text, at);
    if (next === -1) return -1;
    if (text[next] === LF || text[next] === CR) return afterLineEnd(text, next);
    at = nextLineEnd(text, next);
  }
  return -1;
}

/** Where the next line ends; -1 if it does not. */
export function nextLineEnd(text: Buffer, from: number): number {
  const lf = text.indexOf(LF, from);
  const cr = text.indexOf(CR, from);
  if (lf === -1 || cr === -1) return Math.max(lf, cr);
  return Math.min(lf, cr);
}

/** The position after the line end at `at`; -1 if that is not known yet. */
function afterLineEnd(text: Buffer, at: number): number {
  if (text[at] === LF) return at + 1;
  if (at + 1 === text.length) return -1;
  return text[at + 1] === LF ? at + 2 : at + 1;
}

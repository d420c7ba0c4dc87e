const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** After an escape, more of them are likely to be near: it is cheaper to look at each character there. */
const NEAR_CHARACTERS = 64;

/** Where the JSON string ends whose characters begin at `from`; -1 if it does not. */
export function closingQuote(json: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = json.indexOf('"', at);
    if (quote === -1 || !isEscaped(json, quote, at)) return quote;
    at = quote + 1;
    for (let until = at + NEAR_CHARACTERS; at < until; at++) {
      const code = json.charCodeAt(at);
      if (code === QUOTE) return at;
      if (code !== BACKSLASH) continue;
      at += 1;
      until = at + NEAR_CHARACTERS;
    }
    if (at > json.length) return -1;
  }
}

/** Whether the backslashes before a quote escape it; `from` is not within an escape. */
function isEscaped(json: string, quote: number, from: number): boolean {
  let slashes = 0;
  while (quote - 1 - slashes >= from && json.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}

const BACKSLASH = 0x5c;

/** Where the JSON string ends whose characters begin at `from`; -1 if it does not. */
export function closingQuote(json: string, from: number): number {
  let close = json.indexOf('"', from);
  while (close !== -1 && isEscaped(json, close)) close = json.indexOf('"', close + 1);
  return close;
}

function isEscaped(json: string, quote: number): boolean {
  let slashes = 0;
  while (json.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}

import type { Output } from "#lib/cli/io";

const wrap = (code: number, end: number) => (output: Pick<Output, "colour">, text: string) =>
  output.colour && text !== "" ? `\u001b[${code}m${text}\u001b[${end}m` : text;

/** Without colours, each returns the text unchanged. */
export const bold = wrap(1, 22);
export const dim = wrap(2, 22);
export const red = wrap(31, 39);

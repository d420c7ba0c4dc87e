import type { Readable } from "node:stream";

/**
 * Writes the output of a process in whole lines, so that it can be mixed with the lines of another.
 * Resolves at its end.
 */
export function relayLines(from: Readable, write: (lines: string) => void): Promise<void> {
  let rest = "";
  from.setEncoding("utf8").on("data", (text: string) => {
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) write(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
  return new Promise((resolve) => {
    from.once("close", () => {
      if (rest !== "") write(`${rest}\n`);
      resolve();
    });
  });
}

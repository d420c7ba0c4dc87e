import type { Readable } from "node:stream";

/**
 * Writes what a process prints, whole lines at a time, so that they can stand between the lines of another.
 * Resolves when there is no more.
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

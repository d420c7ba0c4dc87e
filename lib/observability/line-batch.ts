/** Lines that are written together. */
export type LineBatch = {
  /** @param line ends in a line break */
  add: (line: string) => void;
  /** Writes what has been added. */
  flush: () => void;
  /** Gives what has been added instead of writing it. */
  take: () => string;
};

/**
 * Collects lines, and writes them once there are `characters` of them, or after `everyMs`: a write costs as much as ten
 * lines.
 */
export function lineBatch(
  write: (lines: string) => void,
  { characters, everyMs }: { characters: number; everyMs: number },
): LineBatch {
  let lines = "";
  let timer: NodeJS.Timeout | undefined;
  const take = () => {
    clearTimeout(timer);
    timer = undefined;
    const added = lines;
    lines = "";
    return added;
  };
  const flush = () => {
    const added = take();
    if (added !== "") write(added);
  };
  return {
    add: (line) => {
      lines += line;
      if (lines.length >= characters) flush();
      else timer ??= setTimeout(flush, everyMs).unref();
    },
    flush,
    take,
  };
}

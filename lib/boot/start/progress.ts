export type Step = <T>(label: string, run: () => Promise<T>) => Promise<T>;

/**
 * Prints each step and how long it took: `Starting the database…    0.4 s`.
 * @param isTerminal otherwise the time has a line of its own, so that no line of the log is glued to a step
 */
export function progressOn(write: (text: string) => void, isTerminal: boolean): Step {
  return async (label, run) => {
    const startedAt = performance.now();
    const end = (text: string) => write(isTerminal ? `${text}\n` : `    ${text.trim()}\n`);
    write(isTerminal ? `  ${`${label}…`.padEnd(28)}` : `  ${label}…\n`);
    try {
      const result = await run();
      end(seconds(performance.now() - startedAt));
      return result;
    } catch (error) {
      end("failed");
      throw error;
    }
  };
}

/** Like `0.4 s` or `1 min 12 s`. */
function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`.padStart(6);
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

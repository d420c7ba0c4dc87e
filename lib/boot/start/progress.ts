export type Step = <T>(label: string, run: () => Promise<T>) => Promise<T>;

/** Prints each step and how long it took: `Starting the database…    0.4 s`. */
export function progressOn(write: (text: string) => void): Step {
  return async (label, run) => {
    const startedAt = performance.now();
    write(`  ${`${label}…`.padEnd(28)}`);
    try {
      const result = await run();
      write(`${seconds(performance.now() - startedAt)}\n`);
      return result;
    } catch (error) {
      write("failed\n");
      throw error;
    }
  };
}

/** Like `0.4 s` or `1 min 12 s`. */
function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`.padStart(6);
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

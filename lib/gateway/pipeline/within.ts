/** Waits until a promise has resolved, or no longer than a time. */
export function within(timeoutMs: number, settled: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timeout = setTimeout(resolve, timeoutMs);
    void settled.then(() => {
      clearTimeout(timeout);
      resolve();
    });
  });
}

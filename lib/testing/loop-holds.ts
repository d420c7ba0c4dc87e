import { existsSync, readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

/** On Linux the processor time of this thread in nanoseconds, then how long it has waited for a processor. */
const SCHEDULE = "/proc/thread-self/schedstat";
const hasSchedule = existsSync(SCHEDULE);

/** In milliseconds; where possible without the time that other processes have the processor. */
const ownTimeMs = (): number =>
  hasSchedule ? Number(readFileSync(SCHEDULE, "latin1").split(" ")[0]) / 1e6 : performance.now();

/** The longest time in milliseconds for which the event loop was held while `run` was under way. */
export async function longestHoldMs(run: () => Promise<unknown>): Promise<number> {
  let longestMs = 0;
  let isOver = false;
  const watching = (async () => {
    let lastMs = ownTimeMs();
    while (!isOver) {
      await nextTurn();
      const nowMs = ownTimeMs();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
    }
  })();
  await run().finally(() => {
    isOver = true;
  });
  await watching;
  return longestMs;
}

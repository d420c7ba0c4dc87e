import { setTimeout as sleep } from "node:timers/promises";

/** Lets each caller count one request at a time, and rest after one that was rejected. */
export type CountingTurns = {
  /**
   * Runs what counts and judges one request, when it is the caller's turn. If it rejects, the caller's next turn
   * comes no sooner than three times as long after it, so that requests near a limit cannot take the processor from
   * others; no request is rejected for it.
   */
  run: <T>(caller: string, count: () => Promise<T>) => Promise<T>;
};

const REST_FACTOR = 3;
/** A request that fits may come next: it waits no longer than this. */
const MAX_REST_MS = 500;
/** What is quicker than this needs no rest. */
const QUICK_MS = 5;

/** Creates the turns of a process. */
export function countingTurns(): CountingTurns {
  const turns = new Map<string, Promise<void>>();
  return {
    run: async (caller, count) => {
      const before = turns.get(caller);
      let end = () => {};
      const turn = new Promise<void>((resolve) => {
        end = resolve;
      });
      const queued = before === undefined ? turn : before.then(() => turn);
      turns.set(caller, queued);
      await before;
      const startedMs = performance.now();
      let restMs = 0;
      try {
        return await count();
      } catch (error) {
        const tookMs = performance.now() - startedMs;
        if (tookMs > QUICK_MS) restMs = Math.min(MAX_REST_MS, REST_FACTOR * tookMs);
        throw error;
      } finally {
        const done = () => {
          end();
          if (turns.get(caller) === queued) turns.delete(caller);
        };
        if (restMs === 0) done();
        else void sleep(restMs, undefined, { ref: false }).then(done);
      }
    },
  };
}

import { setImmediate as nextTurn } from "node:timers/promises";

const MOST_MS = 8;

/**
 * Lets the rest of the process run during a long computation: await what this returns between its steps.
 * @returns a function that waits for a turn of the event loop once the steps since the last one took long
 */
export function pauses(): () => Promise<void> | undefined {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs < MOST_MS) return undefined;
    return nextTurn().then(() => {
      sinceMs = performance.now();
    });
  };
}

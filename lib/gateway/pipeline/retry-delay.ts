import type { FailedAttempt } from "./failed-attempt";

const FIRST_MS = 200;
const MOST_MS = 2_000;
/** How long a client waits for one target while another may answer. */
const MOST_BEFORE_ANOTHER_MS = 1_000;
/** How long it waits where no other target is left: a client that is told the time can wait itself. */
const MOST_IN_ALL_MS = 5_000;

/**
 * How long to wait before a target is tried once more: longer each time, by chance, so that requests that failed together
 * do not return together, and no less than the target asks for.
 * @param again how often it was tried again already
 * @param hasOthers whether another target is left
 * @param leftMs what is left of the request's time
 * @returns null if it should not be
 */
export function retryDelayMs(
  { retryable, retryAfterSeconds }: Pick<FailedAttempt, "retryable" | "retryAfterSeconds">,
  again: number,
  hasOthers: boolean,
  leftMs: number,
  random: () => number = Math.random,
): number | null {
  if (!retryable) return null;
  const backOffMs = Math.min(MOST_MS, FIRST_MS * 2 ** again) * (0.5 + random() / 2);
  const delayMs = Math.max(backOffMs, (retryAfterSeconds ?? 0) * 1_000);
  const mostMs = hasOthers ? MOST_BEFORE_ANOTHER_MS : MOST_IN_ALL_MS;
  return delayMs <= Math.min(mostMs, leftMs) ? delayMs : null;
}

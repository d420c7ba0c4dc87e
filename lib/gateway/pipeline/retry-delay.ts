import type { FailedAttempt } from "./failed-attempt";

const FIRST_MS = 200;
/** Where another target is left, which may answer at once. */
const FIRST_BEFORE_ANOTHER_MS = 100;
const MOST_MS = 2_000;
/** How long a client waits in all, by whatever targets it waited for, while another may answer. */
const MOST_BEFORE_ANOTHER_MS = 500;
/** How long it waits where no other target is left: a client that is told the time can wait itself. */
const MOST_IN_ALL_MS = 5_000;

/** What a request has behind it, and what is left. */
export type RetryChance = {
  /** How often this target was tried again already. */
  again: number;
  /** How long the request has waited before it tried targets again. */
  waitedMs: number;
  hasOthers: boolean;
  /** What is left of the request's time. */
  leftMs: number;
};

/**
 * How long to wait before a target is tried once more: longer each time, by chance, so that requests that failed together
 * do not return together, and no less than the target asks for.
 * @returns null if it should not be
 */
export function retryDelayMs(
  {
    retryable,
    tookItsTime,
    retryAfterSeconds,
  }: Pick<FailedAttempt, "retryable" | "tookItsTime" | "retryAfterSeconds">,
  { again, waitedMs, hasOthers, leftMs }: RetryChance,
  random: () => number = Math.random,
): number | null {
  if (!retryable || (tookItsTime && hasOthers)) return null;
  const firstMs = hasOthers ? FIRST_BEFORE_ANOTHER_MS : FIRST_MS;
  const backOffMs = Math.min(MOST_MS, firstMs * 2 ** again) * (0.5 + random() / 2);
  const delayMs = Math.max(backOffMs, (retryAfterSeconds ?? 0) * 1_000);
  const mostMs = hasOthers ? MOST_BEFORE_ANOTHER_MS - waitedMs : MOST_IN_ALL_MS;
  return delayMs <= Math.min(mostMs, leftMs) ? delayMs : null;
}

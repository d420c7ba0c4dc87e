import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, DatabaseUnavailable, isDatabaseUnavailable } from "#lib/db/unavailable";
import type { Outcome } from "./batch-calls";

/** Makes a call and rejects when its deadline passes. */
export type WithDeadline = <T>(call: () => Promise<T>) => Promise<T>;

const MAX_CONFLICT_RETRIES = 8;
const RESEND_AFTER_MS = 10;
/** Errors of calls that the database cannot have run. */
const NEVER_SENT = /^(CONNECT_TIMEOUT|ECONNREFUSED|ENOENT|ENOTFOUND|EHOSTUNREACH|53300|57P03|25006|55P03)/;
const LOCK_TIMEOUT = "55P03";

/** Classifies the error of a batch by what to do about it. */
function kindOf(error: unknown): "conflict" | "locked" | "lost" | "away" | "item" | "other" {
  const code = codeOf(error);
  if (code === "40P01" || code === "40001") return "conflict";
  if (code === LOCK_TIMEOUT) return "locked";
  if (/^(22|23|54)/.test(code)) return "item";
  if (error instanceof DatabaseUnavailable) return "away";
  return isDatabaseUnavailable(error) ? "lost" : "other";
}

/**
 * Runs a batch against an idempotent database function.
 * - Deadlock and serialization errors: resend the same ids.
 * - A lost connection (outcome unknown): resend the same ids once, then `DatabaseUnavailable`.
 * - A data error: send the items one by one, so that one item does not fail the others.
 * - A lock timeout: every item's error satisfies `isLocked` (tenant-lanes.ts retries).
 * @param deadline the deadline of each call, or milliseconds
 */
export async function runBatch<I, O>(
  items: I[],
  call: (items: I[]) => Promise<O[]>,
  deadline: WithDeadline | number,
): Promise<Outcome<O>[]> {
  const within = typeof deadline === "number" ? withDeadline(deadline) : deadline;
  let resent = false;
  let maybeDone = false;
  for (let attempt = 0; ; attempt++) {
    try {
      const values = await within(() => call(items));
      return values.map((value) => ({ ok: true, value }));
    } catch (error) {
      const kind = kindOf(error);
      if (kind === "conflict" && attempt < MAX_CONFLICT_RETRIES) {
        await sleep(Math.random() * 4 * (attempt + 1));
        continue;
      }
      if (kind === "lost" && !resent) {
        resent = true;
        // Connections break together; wait until the client knows that all of them are broken.
        await sleep(RESEND_AFTER_MS);
        maybeDone ||= !NEVER_SENT.test(codeOf(error));
        continue;
      }
      if (kind === "item" && items.length > 1) {
        const single = await Promise.all(items.map((item) => runBatch([item], call, within)));
        return single.flat();
      }
      const isUnavailable = kind === "lost" || kind === "away" || kind === "locked";
      const reason = isUnavailable ? unavailable(error, maybeDone) : error;
      return items.map(() => ({ ok: false, error: reason }));
    }
  }
}

/** Whether a call failed because another transaction kept a row locked. */
export const isLocked = (error: unknown): error is DatabaseUnavailable =>
  error instanceof DatabaseUnavailable && codeOf(error.cause) === LOCK_TIMEOUT;

function unavailable(cause: unknown, maybeDone: boolean): DatabaseUnavailable {
  if (cause instanceof DatabaseUnavailable) {
    return new DatabaseUnavailable(cause.message, maybeDone || cause.maybeDone, { cause: cause.cause });
  }
  const unknown = maybeDone || !NEVER_SENT.test(codeOf(cause));
  const why = codeOf(cause) === LOCK_TIMEOUT ? "a required row is locked" : "the database cannot be reached";
  return new DatabaseUnavailable(why, unknown, { cause });
}

/** A frozen database neither answers nor fails, so this side keeps the deadline. */
function withDeadline(deadlineMs: number): WithDeadline {
  return (call) => {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new DatabaseUnavailable(`the database did not answer within ${deadlineMs} ms`, true)),
        deadlineMs,
      );
    });
    return Promise.race([call(), expired]).finally(() => clearTimeout(timer));
  };
}

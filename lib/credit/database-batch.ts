import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "./gather";

/** The database did not answer in time or could not be reached. */
export class DatabaseUnavailable extends Error {
  override name = "DatabaseUnavailable";
  constructor(
    message: string,
    /** False: the call was never sent. True: whether the database acted on it is not known. */
    readonly maybeDone: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** True for every error that means the database is away, not that the request was wrong. */
export function isDatabaseAway(error: unknown): boolean {
  return error instanceof DatabaseUnavailable || kindOf(error) === "lost";
}

const MAX_CONFLICT_RETRIES = 8;
/** postgres.js's and Node's own codes, and PostgreSQL's for "not now" (its documentation, appendix A). */
const NEVER_SENT = /^(CONNECT_TIMEOUT|ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|53300|57P03|25006|55P03)/;
const LOST_CONNECTION =
  /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|08|53|57|25006)/;
const LOCK_TIMEOUT = "55P03";

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "");

/** What an error says about the batch it came from. */
function kindOf(error: unknown): "conflict" | "lost" | "item" | "other" {
  const code = codeOf(error);
  if (code === "40P01" || code === "40001") return "conflict";
  if (code === LOCK_TIMEOUT || /^(22|23|54)/.test(code)) return "item";
  return LOST_CONNECTION.test(code) ? "lost" : "other";
}

/**
 * Runs a batch against an idempotent database function.
 * - Deadlock and serialization errors: the same ids again.
 * - A lost connection (outcome unknown): the same ids once more, then `DatabaseUnavailable`.
 * - A data error, or a lock that another tenant's row waits for: one by one, so that one item does
 *   not fail or hold up its batchmates.
 */
export async function runBatch<I, O>(
  items: I[],
  call: (items: I[]) => Promise<O[]>,
  deadlineMs: number,
): Promise<Outcome<O>[]> {
  let resent = false;
  let maybeDone = false;
  for (let attempt = 0; ; attempt++) {
    try {
      const values = await withDeadline(call(items), deadlineMs);
      return values.map((value) => ({ ok: true, value }));
    } catch (error) {
      const kind = kindOf(error);
      if (kind === "conflict" && attempt < MAX_CONFLICT_RETRIES) {
        await sleep(Math.random() * 4 * (attempt + 1));
        continue;
      }
      if (kind === "lost" && !resent) {
        resent = true;
        maybeDone ||= !NEVER_SENT.test(codeOf(error));
        continue;
      }
      if (kind === "item" && items.length > 1) {
        const single = await Promise.all(items.map((item) => runBatch([item], call, deadlineMs)));
        return single.flat();
      }
      const away = kind === "lost" || codeOf(error) === LOCK_TIMEOUT;
      const reason = away ? unreachable(error, maybeDone) : error;
      return items.map(() => ({ ok: false, error: reason }));
    }
  }
}

function unreachable(cause: unknown, maybeDone: boolean): DatabaseUnavailable {
  const unknown = maybeDone || !NEVER_SENT.test(codeOf(cause));
  return new DatabaseUnavailable("the database cannot be reached", unknown, { cause });
}

/** A frozen database never answers and never fails: the deadline is kept on this side. */
async function withDeadline<T>(promise: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DatabaseUnavailable(`the database did not answer within ${deadlineMs} ms`, true)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

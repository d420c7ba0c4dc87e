import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { isDatabaseUnavailable } from "#lib/db/unavailable";

const GIVE_UP_AFTER_MS = 120_000;
const RETRY_AFTER_MS = 50;
/** Deadlock, serialization failure, lock not available. */
const CONFLICT = /^(40P01|40001|55P03)$/;

/** A client of a database that is interrupted: everything it runs must be safe to repeat. */
export type RetryingSql = {
  sql: postgres.Sql;
  retry<T>(run: (sql: postgres.Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export function retryingSql(url: string): RetryingSql {
  const sql = postgres(url, { max: 2, backoff: false, connect_timeout: 5, onnotice: () => {} });
  return {
    sql,
    retry: async (run) => {
      const deadline = Date.now() + GIVE_UP_AFTER_MS;
      for (;;) {
        try {
          return await run(sql);
        } catch (error) {
          const conflict = error instanceof Error && "code" in error && CONFLICT.test(String(error.code));
          if ((!conflict && !isDatabaseUnavailable(error)) || Date.now() > deadline) throw error;
          await sleep(RETRY_AFTER_MS);
        }
      }
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

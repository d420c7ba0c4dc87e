import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { isDatabaseUnavailable } from "#lib/db/unavailable";

const GIVES_UP_AFTER_MS = 120_000;
const ASKS_AGAIN_AFTER_MS = 50;
/** Deadlock, serialization failure, lock not available. */
const CONFLICT = /^(40P01|40001|55P03)$/;

/** A client of a database that comes and goes: what it runs must be safe to run again. */
export type PatientSql = {
  sql: postgres.Sql;
  again<T>(run: (sql: postgres.Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export function patientSql(url: string): PatientSql {
  const sql = postgres(url, { max: 2, backoff: false, connect_timeout: 5, onnotice: () => {} });
  return {
    sql,
    again: async (run) => {
      const deadline = Date.now() + GIVES_UP_AFTER_MS;
      for (;;) {
        try {
          return await run(sql);
        } catch (error) {
          const conflict = error instanceof Error && "code" in error && CONFLICT.test(String(error.code));
          if ((!conflict && !isDatabaseUnavailable(error)) || Date.now() > deadline) throw error;
          await sleep(ASKS_AGAIN_AFTER_MS);
        }
      }
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

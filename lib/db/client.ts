import "server-only";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";

/** A postgres.js client of the data plane: plain SQL, no ORM on the hot path. */
export type Sql = postgres.Sql;
export type Db = ReturnType<typeof openControlDb>;
/** A transaction of the control plane. */
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

/**
 * The data plane's own client: drizzle changes its client's parsers, and pages must not queue before
 * requests. `backoff: false` fails at once while the database is away and recovers at once after.
 */
export function openHotSql(url: string, connections = 6): Sql {
  return postgres(url, { max: connections, backoff: false, connect_timeout: 5, onnotice: () => {} });
}

/** The control plane's client: charts and idle transactions have time-outs, so that they cannot hold up requests. */
export function openControlDb(url: string, connections = 8) {
  const client = postgres(url, {
    max: connections,
    backoff: false,
    connect_timeout: 5,
    onnotice: () => {},
    connection: {
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 15_000,
      lock_timeout: 5_000,
    },
  });
  return drizzle(client, { casing: "snake_case" });
}

export const hotSql = (): Sql => oncePerProcess("hot-sql", () => openHotSql(config().DATABASE_URL));
export const controlDb = (): Db => oncePerProcess("control-db", () => openControlDb(config().DATABASE_URL));

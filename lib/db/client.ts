import "server-only";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { log } from "#lib/observability/log";
import { type Connections, trackedConnections } from "./connections";
import { postgresOptions } from "./socket-url";
import { type DatabaseWatch, watchDatabase } from "./watch";

/** A postgres.js client of the data plane: plain SQL, no ORM on the hot path. */
export type Sql = postgres.Sql;
export type Db = ReturnType<typeof openControlDb>;
/** A transaction of the control plane. */
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

/** The data plane's client and the watch over its database. */
export type HotDatabase = {
  sql: Sql;
  /**
   * A separate connection for sequential calls. They stay with one server process and its warm caches; alternating
   * between connections, as `sql` does, makes each call a tenth slower.
   */
  steady: Sql;
  watch: DatabaseWatch;
  /** Waits up to `timeoutSeconds` for pending queries. */
  close: (timeoutSeconds: number) => Promise<void>;
};

/**
 * Opens the data plane's client, separate from the control plane's: drizzle changes its client's parsers, and requests
 * must not queue behind pages. The watch probes over a connection of its own, open only during a probe.
 */
export function openHotDatabase(url: string): HotDatabase {
  const tracked = trackedConnections();
  const [place, options] = postgresOptions(url);
  const sql = postgres(place, { ...hotOptions(tracked, 5), ...options });
  const steady = postgres(place, { ...hotOptions(tracked, 1), ...options });
  const probeConnections = trackedConnections();
  const probeSql = postgres(place, { ...hotOptions(probeConnections, 1), ...options });
  const watch = watchDatabase({
    probe: async () => {
      const [row] = await probeSql.unsafe("SELECT current_setting('transaction_read_only') AS read_only");
      // A standby that is not promoted yet answers, but cannot store holds.
      if (row?.read_only === "on")
        throw Object.assign(new Error("The database is read-only."), { code: "25006" });
    },
    // Each probe uses a new connection, since a fail-over may leave old ones dead.
    endProbe: probeConnections.cut,
    connections: tracked,
    onChange: (isUnavailable, error) => {
      if (isUnavailable) log.error({ err: error }, "the database is unavailable");
      else log.info("the database is available again");
    },
  });
  return {
    sql,
    steady,
    watch,
    close: async (timeout) => {
      watch.stop();
      await Promise.all([sql.end({ timeout }), steady.end({ timeout }), probeSql.end({ timeout: 0 })]);
      // A frozen database never closes its side.
      tracked.cut();
      probeConnections.cut();
    },
  };
}

/**
 * `backoff: false` fails at once while the database is unavailable and recovers at once afterwards. New connections do
 * not fetch types, since that failure would go unnoticed: arrays are read as JSON (`to_json`).
 */
function hotOptions(connections: Connections, max: number) {
  const open = connections.open;
  return { max, backoff: false, connect_timeout: 5, fetch_types: false, onnotice: () => {}, socket: open };
}

/** Opens the control plane's client. Its time-outs keep charts and idle transactions from blocking requests. */
export function openControlDb(url: string, connections = 8) {
  const [place, options] = postgresOptions(url);
  const client = postgres(place, {
    ...options,
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

export const hotDatabase = (): HotDatabase =>
  oncePerProcess("hot-database", () => openHotDatabase(config().DATABASE_URL));
export const hotSql = (): Sql => hotDatabase().sql;
export const controlDb = (): Db => oncePerProcess("control-db", () => openControlDb(config().DATABASE_URL));

import "server-only";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { log } from "#lib/observability/log";
import { type Connections, trackedConnections } from "./connections";
import { placeOf } from "./socket-url";
import { type DatabaseWatch, watchDatabase } from "./watch";

/** A postgres.js client of the data plane: plain SQL, no ORM on the hot path. */
export type Sql = postgres.Sql;
export type Db = ReturnType<typeof openControlDb>;
/** A transaction of the control plane. */
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

/** The data plane's own client, with what knows whether its database is there. */
export type HotDatabase = {
  sql: Sql;
  /**
   * One connection apart, for calls that are made one after the other. They stay with one server process, whose
   * caches know them: taking connections in turn, as `sql` does, makes each call a tenth slower.
   */
  steady: Sql;
  watch: DatabaseWatch;
  /** Waits up to `timeoutSeconds` for what is under way. */
  close: (timeoutSeconds: number) => Promise<void>;
};

/**
 * Opens the data plane's own client: drizzle changes its client's parsers, and pages must not queue before
 * requests. The watch's questions go by a connection apart, which is there only while there is something to ask.
 */
export function openHotDatabase(url: string): HotDatabase {
  const tracked = trackedConnections();
  const [place, way] = placeOf(url);
  const sql = postgres(place, { ...hotOptions(tracked, 5), ...way });
  const steady = postgres(place, { ...hotOptions(tracked, 1), ...way });
  const askedBy = trackedConnections();
  const asking = postgres(place, { ...hotOptions(askedBy, 1), ...way });
  const watch = watchDatabase({
    ask: async () => {
      const [row] = await asking.unsafe("SELECT current_setting('transaction_read_only') AS read_only");
      // A replica that is not promoted yet: it answers, and nothing can be held there.
      if (row?.read_only === "on") throw Object.assign(new Error("it takes no writes"), { code: "25006" });
    },
    // Each question goes by a new connection: an old one may be one that a fail-over has left for dead.
    hangUp: askedBy.cut,
    connections: tracked,
    onChange: (away, error) => {
      if (away) log.error({ err: error }, "the database is away");
      else log.info("the database is back");
    },
  });
  return {
    sql,
    steady,
    watch,
    close: async (timeout) => {
      watch.stop();
      await Promise.all([sql.end({ timeout }), steady.end({ timeout }), asking.end({ timeout: 0 })]);
      // A frozen database never takes the goodbye.
      tracked.cut();
      askedBy.cut();
    },
  };
}

/**
 * `backoff: false` fails at once while the database is away and recovers at once after. Types are not fetched by
 * every new connection, where nobody would hear of a failure: arrays are read as JSON (`to_json`).
 */
function hotOptions(connections: Connections, max: number) {
  const open = connections.open;
  return { max, backoff: false, connect_timeout: 5, fetch_types: false, onnotice: () => {}, socket: open };
}

/** The control plane's client: charts and idle transactions have time-outs, so that they cannot hold up requests. */
export function openControlDb(url: string, connections = 8) {
  const [place, way] = placeOf(url);
  const client = postgres(place, {
    ...way,
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

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";

export type BenchDatabase = {
  url: string;
  /** The URL that Tollgate uses for its embedded database. */
  socketUrl: string;
  pid: number;
  version: string;
  stop(): Promise<void>;
};

/** Starts a new embedded PostgreSQL as `npm start` does (fsync on) and migrates it. */
export async function startDatabase(folder: string): Promise<BenchDatabase> {
  mkdirSync(folder, { recursive: true });
  const server = await startEmbeddedPostgres({ directory: join(folder, "postgres") });
  await migrate(server.url);
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  const [row] = await sql<{ version: string; fsync: string }[]>`
    SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync`;
  await sql.end();
  if (row?.fsync !== "on") throw new Error("fsync is off, so the figures would be meaningless.");
  return {
    url: server.url,
    socketUrl: server.socketUrl,
    pid: server.pid(),
    version: row.version,
    stop: server.stop,
  };
}

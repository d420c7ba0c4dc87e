import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import postgres from "postgres";
import { projectRoot } from "#lib/config/project-root";
import { StartUpError } from "#lib/config/start-up-error";
import { applyMigrations } from "./apply-migrations";
import { postgresOptions } from "./socket-url";

/** Any number of replicas may start at once: one migrates while the others wait. */
const MIGRATION_LOCK = "742117901144";
const OLDEST_SERVER = 15;

/**
 * Migrates the database to this code's schema; quick when there is nothing to do. Needs a direct connection (DIRECT_URL):
 * the lock belongs to a session, which a transaction pooler does not keep.
 * @returns how many migrations were applied
 * @throws StartUpError in one line: unreachable, too old, or migrated by another version of Tollgate
 */
export async function migrate(url: string): Promise<number> {
  const [place, options] = postgresOptions(url);
  const client = postgres(place, {
    ...options,
    max: 2,
    backoff: false,
    connect_timeout: 10,
    onnotice: () => {},
    // A migration may take long; waiting for a connection may not.
    connection: { statement_timeout: 0 },
  });
  try {
    const reserved = await client.reserve().catch((error: unknown) => {
      throw new StartUpError(connectionProblem(error, url));
    });
    try {
      const [row] = await reserved<{ number: string; name: string }[]>`
        SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS name`;
      const tooOld = serverVersionProblem(Number(row?.number), row?.name ?? "");
      if (tooOld) throw new StartUpError(tooOld);
      await reserved`SELECT pg_advisory_lock(${MIGRATION_LOCK}::bigint)`;
      try {
        return await migrateLocked(reserved, client);
      } finally {
        await reserved`SELECT pg_advisory_unlock(${MIGRATION_LOCK}::bigint)`;
      }
    } finally {
      reserved.release();
    }
  } finally {
    await client.end({ timeout: 5 });
  }
}

async function migrateLocked(reserved: postgres.ReservedSql, client: postgres.Sql): Promise<number> {
  const migrationsFolder = join(/*turbopackIgnore: true*/ projectRoot(), "drizzle");
  const migrations = readMigrationFiles({ migrationsFolder });
  const applied = await appliedMigrations(reserved);
  const problem = schemaProblem(
    applied,
    migrations.map(({ folderMillis }) => folderMillis),
  );
  if (problem) throw new StartUpError(problem);
  const newest = applied.at(-1) ?? Number.NEGATIVE_INFINITY;
  const missing = migrations.filter(({ folderMillis }) => folderMillis > newest);
  if (missing.length > 0) await applyMigrations(client, missing);
  return missing.length;
}

/** When each applied migration was created (ms), which is what drizzle knows a migration by. */
async function appliedMigrations(sql: postgres.ReservedSql): Promise<number[]> {
  const [table] = await sql<{ exists: boolean }[]>`
    SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS exists`;
  if (!table?.exists) return [];
  const rows = await sql<{ created: string }[]>`
    SELECT created_at::text AS created FROM drizzle.__drizzle_migrations ORDER BY created_at`;
  return rows.map(({ created }) => Number(created));
}

/** Describes what is wrong with the server's version (`server_version_num`, such as 150004), if anything. */
export function serverVersionProblem(versionNumber: number, name: string): string | undefined {
  if (Math.floor(versionNumber / 10_000) >= OLDEST_SERVER) return undefined;
  return `The database at DATABASE_URL is PostgreSQL ${name}; Tollgate needs ${OLDEST_SERVER} or newer: upgrade it, or unset DATABASE_URL to use the embedded one.`;
}

/**
 * Describes what is wrong with the schema, if anything.
 * @param applied when each applied migration was created (ms), oldest first
 * @param known the same of this version's migrations, oldest first
 */
export function schemaProblem(applied: readonly number[], known: readonly number[]): string | undefined {
  const [first] = known;
  const newestKnown = known.at(-1) ?? 0;
  const unknown = applied.filter((migration) => !known.includes(migration));
  const isReplaced = first !== undefined && applied.length > 0 && !applied.includes(first);
  if (isReplaced || unknown.some((migration) => migration < newestKnown)) {
    return "The database was created by a pre-release version of Tollgate, whose migrations were replaced and cannot be upgraded: start with a new DATA_DIR or an empty database.";
  }
  const newest = unknown.at(-1);
  if (newest === undefined) return undefined;
  const created = new Date(newest).toISOString().slice(0, 10);
  return `The database was migrated by a newer Tollgate (its newest migration is of ${created}, which this version does not know): start that version, or restore a backup from before the upgrade.`;
}

/** Describes in one line why the database cannot be reached. Names the host, never the password. */
export function connectionProblem(error: unknown, url: string): string {
  const { hostname, port, pathname, username } = new URL(url);
  const where = postgresOptions(url)[1].path ?? `${hostname}:${port || 5432}`;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error ? error.message : String(error);
  switch (code) {
    case "28P01":
    case "28000":
      return `The database at ${where} rejected user "${username}": check the user and password in DATABASE_URL.`;
    case "3D000":
      return `The database at ${where} has no database "${pathname.slice(1)}": create it, or correct DATABASE_URL.`;
    case "ECONNREFUSED":
    case "ENOENT":
      return `Nothing answers at ${where}: start the database there, or correct DATABASE_URL.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host "${hostname}" in DATABASE_URL is not known: correct it, or check the network's name server.`;
    case "CONNECT_TIMEOUT":
      return `The database at ${where} does not answer within 10 s: check DATABASE_URL and the network's firewall.`;
    default:
      return `The database at ${where} cannot be used (${reason}): check DATABASE_URL.`;
  }
}

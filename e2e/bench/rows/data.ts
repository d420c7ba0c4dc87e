import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { backfillUsage } from "#lib/credit/ledger/roll-up";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
import { migrate } from "#lib/db/migrate";

/** A database with many requests. */
export type RowsData = {
  server: EmbeddedPostgres;
  /** Of PostgreSQL. */
  version: string;
  rows: number;
  /** When the first request was made, and the end of the last one's hour. */
  start: Date;
  end: Date;
};

const DAYS = 100;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** The last migration before rollups of days, which later migrations back-fill from what is there. */
const LAST_MIGRATION_BEFORE_DATA = "0033_mail";
const LOADERS = 2;
/** Of the server while it loads: whatever is lost in a crash is made again. */
const LOADING: Readonly<Record<string, string>> = {
  autovacuum: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "16GB",
  checkpoint_timeout: "1h",
  maintenance_work_mem: "512MB",
  work_mem: "128MB",
  shared_buffers: "1GB",
};
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Starts the database in `folder`. If it is not there yet, makes it first: with the tables of an earlier version, which
 * this version then migrates as it migrates an installation's.
 */
export async function openRows(
  folder: string,
  rows: number,
  report: (step: string) => void,
): Promise<RowsData> {
  const directory = join(resolve(folder), `rows-${rows}`);
  const marker = join(directory, "complete");
  if (!existsSync(marker)) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    report(`making ${rows} requests in ${directory}`);
    const end = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
    await makeData(join(directory, "postgres"), rows, end, report);
    writeFileSync(marker, end.toISOString());
  }
  const end = new Date(readFileSync(marker, "utf8"));
  const server = await startEmbeddedPostgres({ directory: join(directory, "postgres") });
  report("migrating");
  const applied = await migrate(server.url);
  await withClient(server.url, async (sql) => {
    report(`${applied} migrations applied, summing up the ledger`);
    await backfillUsage(sql, Number.POSITIVE_INFINITY);
    await sql.unsafe(textOf("metadata"));
    if (applied > 0) await sql.unsafe("VACUUM (ANALYZE)");
  });
  const version = await withClient(server.url, async (sql) => {
    const [row] = await sql<{ version: string }[]>`SELECT current_setting('server_version') AS version`;
    return row?.version ?? "";
  });
  return { server, version, rows, start: new Date(end.getTime() - DAYS * DAY_MS), end };
}

async function makeData(
  directory: string,
  rows: number,
  end: Date,
  report: (step: string) => void,
): Promise<void> {
  const server = await startEmbeddedPostgres({ directory, durable: false, settings: LOADING });
  try {
    await withClient(server.url, async (sql) => {
      const start = new Date(end.getTime() - DAYS * DAY_MS);
      await migrateUpTo(LAST_MIGRATION_BEFORE_DATA, sql);
      await sql`SELECT set_config('bench.start', ${start.toISOString()}, false),
        set_config('bench.end', ${end.toISOString()}, false)`;
      await sql.unsafe(textOf("tenants"));
      const restoreIndexes = await dropIndexes(sql);
      const days = Array.from({ length: DAYS }, (_, day) => day);
      const [requests, rollup] = [textOf("requests"), textOf("rollup")];
      const gap = `${(DAYS * DAY_MS) / rows} milliseconds`;
      await inParallel(server.url, days, async (loader, day) => {
        if (day % 10 === 0) report(`requests of day ${day + 1}`);
        const [first, next] = [Math.floor((rows * day) / DAYS), Math.floor((rows * (day + 1)) / DAYS)];
        await loader.unsafe(requests, [first, next - 1, gap, start]);
      });
      await sql.unsafe(textOf("rare"));
      await sql`ANALYZE ledger`;
      report("rollup");
      await inParallel(server.url, days, async (loader, day) => {
        const from = start.getTime() + day * DAY_MS;
        await loader.unsafe(rollup, [new Date(from), new Date(from + DAY_MS)]);
      });
      report("counters");
      await sql`ANALYZE usage_hourly`;
      await sql.unsafe(textOf("counters"));
      report("indexes");
      await inParallel(server.url, restoreIndexes, async (loader, statement) => {
        await loader.unsafe(statement);
      });
      report("vacuum");
      await sql`DROP SCHEMA bench CASCADE`;
      await sql.unsafe("VACUUM (ANALYZE)");
    });
  } finally {
    await server.stop();
  }
}

/** Applies the migrations up to one, with its name, as this version's start did when it was the newest. */
async function migrateUpTo(last: string, sql: postgres.Sql): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-migrations-"));
  try {
    cpSync(join(ROOT, "drizzle"), folder, { recursive: true });
    const journalFile = join(folder, "meta/_journal.json");
    const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(journalFile, "utf8"));
    const length = journal.entries.findIndex(({ tag }) => tag === last) + 1;
    writeFileSync(journalFile, JSON.stringify({ ...journal, entries: journal.entries.slice(0, length) }));
    await runMigrations(drizzle(sql), { migrationsFolder: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Drops what slows down inserting. @returns the statements that create it again */
async function dropIndexes(sql: postgres.Sql): Promise<string[]> {
  const indexes = await sql<{ name: string; definition: string; table: string; constraint: string | null }[]>`
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition,
      i.indrelid::regclass::text AS table, pg_get_constraintdef(c.oid) AS constraint
    FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
    WHERE i.indrelid IN ('ledger'::regclass, 'usage_hourly'::regclass) AND NOT i.indisprimary`;
  const restore: string[] = [];
  for (const { name, definition, table, constraint } of indexes) {
    await sql.unsafe(constraint ? `ALTER TABLE ${table} DROP CONSTRAINT ${name}` : `DROP INDEX ${name}`);
    restore.push(constraint ? `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${constraint}` : definition);
  }
  return restore;
}

/** Does each piece of work once, on a few connections. */
async function inParallel<Piece>(
  url: string,
  pieces: readonly Piece[],
  work: (sql: postgres.Sql, piece: Piece) => Promise<void>,
): Promise<void> {
  const left = pieces.values();
  const loader = () =>
    withClient(url, async (sql) => {
      for (const piece of left) await work(sql, piece);
    });
  await Promise.all(Array.from({ length: LOADERS }, loader));
}

async function withClient<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { statement_timeout: 0 } });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

const textOf = (name: string): string => readFileSync(new URL(`./${name}.sql`, import.meta.url), "utf8");

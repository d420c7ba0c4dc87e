import type { MigrationMeta } from "drizzle-orm/migrator";
import type postgres from "postgres";

/**
 * Statements that are left out, by the start of their text: what a later version does in steps while the gateway serves. A
 * released migration is never edited, so they stay in their files.
 */
const POSTPONED = [
  // Summed up the whole ledger while settlements waited. tollgate_backfill_usage_v1 does, in steps.
  "SELECT tollgate_rebuild_usage",
];

const isPostponed = (statement: string) => POSTPONED.some((start) => statement.trim().startsWith(start));

/**
 * Applies migrations in one transaction, and records them as drizzle's own migrator does.
 * @param migrations those that are missing, oldest first
 */
export async function applyMigrations(
  sql: postgres.Sql,
  migrations: readonly MigrationMeta[],
): Promise<void> {
  await sql`CREATE SCHEMA IF NOT EXISTS drizzle`;
  await sql`
    CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`;
  await sql.begin(async (tx) => {
    for (const { sql: statements, hash, folderMillis } of migrations) {
      for (const statement of statements.filter((text) => !isPostponed(text))) await tx.unsafe(statement);
      await tx`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (${hash}, ${folderMillis})`;
    }
  });
}

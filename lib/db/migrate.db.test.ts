import postgres from "postgres";
import { afterAll, describe, expect, test } from "vitest";
import { migrate } from "./migrate";
import { createEmptyDatabase, createTestDatabase } from "./testing/test-database";

const empty = await createEmptyDatabase();
const migrated = await createTestDatabase();
afterAll(async () => {
  await empty.drop();
  await migrated.drop();
});

describe("migrate", () => {
  test("lets four replicas start at once on an empty database: one migrates, the others wait", async () => {
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(empty.url)));
    const [row] = await empty.sql<{ count: number }[]>`
      SELECT count(*)::int AS count FROM drizzle.__drizzle_migrations`;
    expect(applied.toSorted((a, b) => a - b)).toEqual([0, 0, 0, row?.count]);
    expect(row?.count).toBeGreaterThan(0);
    const [table] = await empty.sql`SELECT to_regclass('public.ledger') IS NOT NULL AS exists`;
    expect(table?.exists).toBe(true);
  });

  test("does nothing the second time", async () => {
    expect(await migrate(migrated.url)).toBe(0);
  });

  test("rejects a database that a newer version has migrated", async () => {
    await migrated.sql`
      INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('of the future', 4102444800000)`;
    await expect(migrate(migrated.url)).rejects.toThrow(/newer Tollgate .*2100-01-01.*start that version/);
  });

  test("rejects a database made by the migrations before they were squashed", async () => {
    const old = await createEmptyDatabase();
    // The first and the last line of such a database's journal.
    await old.sql.unsafe(`CREATE SCHEMA drizzle;
      CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
      INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('tables', 1795199092476), ('rejections', 1795900000000)`);
    await expect(migrate(old.url)).rejects.toThrow(
      /^The database was created by a pre-release .*: start with a new DATA_DIR or an empty database\.$/,
    );
    const tables = await old.sql`SELECT FROM pg_tables WHERE schemaname = 'public'`;
    expect(tables).toHaveLength(0);
    await old.drop();
  });

  test("reports what is wrong with DATABASE_URL in one line without the password", async () => {
    const wrongPassword = new URL(migrated.url);
    wrongPassword.password = "not-the-password";
    const wrongName = new URL(migrated.url);
    wrongName.pathname = "/nowhere";
    await expect(migrate(wrongPassword.href)).rejects.toThrow(/rejected user "tollgate".*DATABASE_URL\.$/);
    await expect(migrate(wrongName.href)).rejects.toThrow(/has no database "nowhere"/);
    await expect(migrate("postgres://a:secret-word@127.0.0.1:1/x")).rejects.toThrow(
      /^Nothing answers at 127\.0\.0\.1:1: /,
    );
    await expect(migrate("postgres://a:secret-word@nowhere.invalid/x")).rejects.toThrow(
      /^The host "nowhere\.invalid" in DATABASE_URL is not known/,
    );
  });

  test("releases its lock", async () => {
    const admin = postgres(empty.url, { max: 1 });
    expect(await admin`SELECT 1 FROM pg_locks WHERE locktype = 'advisory'`).toHaveLength(0);
    await admin.end();
  });
});

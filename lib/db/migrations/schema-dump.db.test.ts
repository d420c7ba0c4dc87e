import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";
import { createEmptyDatabase, createTestDatabase } from "#lib/db/testing/test-database";
import { schemaDump } from "./schema-dump";

const SCHEMA_FILE = join(projectRoot(), "drizzle", "schema.sql");

const migrated = await createTestDatabase();
const empty = await createEmptyDatabase();
afterAll(async () => {
  await migrated.drop();
  await empty.drop();
});

describe("drizzle/schema.sql", () => {
  test("is what the migrations make (otherwise run: npm run db:schema)", async () => {
    expect(readFileSync(SCHEMA_FILE, "utf8")).toBe(await schemaDump(migrated.sql));
  });

  test("creates the same schema in an empty database", async () => {
    await empty.sql.unsafe(readFileSync(SCHEMA_FILE, "utf8"));
    expect(await schemaDump(empty.sql)).toBe(await schemaDump(migrated.sql));
  });
});

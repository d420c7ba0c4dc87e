import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { projectRoot } from "#lib/config/project-root";
import { addMigration } from "./journal";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tollgate-migrations-"));
  cpSync(join(projectRoot(), "drizzle"), folder, { recursive: true });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe("addMigration", () => {
  test("adds the next migration, which drizzle reads", () => {
    const before = readMigrationFiles({ migrationsFolder: folder });
    const file = addMigration(folder, "what", "SELECT 1;\n--> statement-breakpoint\nSELECT 2;\n");
    expect(file).toBe(`${String(before.length).padStart(4, "0")}_what.sql`);
    expect(readFileSync(join(folder, file), "utf8")).toContain("SELECT 1;");
    const after = readMigrationFiles({ migrationsFolder: folder });
    expect(after).toHaveLength(before.length + 1);
    expect(after.at(-1)?.sql.map((statement) => statement.trim())).toEqual(["SELECT 1;", "SELECT 2;"]);
  });

  test("is newer than the last migration even if the clock is behind", () => {
    const newest = readMigrationFiles({ migrationsFolder: folder }).at(-1)?.folderMillis ?? 0;
    vi.useFakeTimers({ now: newest - 60_000 });
    addMigration(folder, "what", "SELECT 1;");
    expect(readMigrationFiles({ migrationsFolder: folder }).at(-1)?.folderMillis).toBe(newest + 1);
  });
});

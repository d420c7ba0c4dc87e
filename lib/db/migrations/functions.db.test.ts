import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { functionObjects, readFunctionFiles, rebuildFunctions } from "./function-files";
import { functionMigration } from "./function-migration";

const NAMES = /\btollgate_[a-z_]+(?:_v\d+)?\b/g;
/** Old versions that replicas of the release before still call; delete each with the release after. */
const KEPT_FOR_OLD_REPLICAS: readonly string[] = [];

const migrated = await createTestDatabase();
const scratch = await createTestDatabase();
afterAll(async () => {
  await migrated.drop();
  await scratch.drop();
});
const files = readFunctionFiles();
const file = (name: string, text: string) => ({ name, text });
const body = (answer: number) => `RETURNS integer LANGUAGE sql AS 'SELECT ${answer}';`;

describe("drizzle/functions", () => {
  test("creates the same functions and triggers as the migrations", async () => {
    await rebuildFunctions(scratch.sql, files);
    expect(await functionObjects(scratch.sql)).toEqual(await functionObjects(migrated.sql));
  });

  test("creates one function a file, with the file's name", async () => {
    const created = (await functionObjects(migrated.sql))
      .filter(({ dropStatement }) => dropStatement.startsWith("DROP FUNCTION"))
      .map(({ name }) => name);
    expect(created).toEqual(files.map(({ name }) => name));
  });

  test("states each contract: who calls it, and what it locks and returns unless it is a trigger or a pure function", () => {
    for (const { name, text } of files) {
      const header = text.slice(0, text.indexOf("CREATE"));
      const parts = /_v\d+$/.test(name) ? ["Arguments", "Returns:", "Locks:", "Called by:"] : ["Called by:"];
      for (const part of parts) expect(header, name).toContain(part);
    }
  });

  test("has every function that code calls", () => {
    const called = new Set(["app", "e2e", "lib"].flatMap((folder) => sources(folder)).flatMap(namesIn));
    const versioned = [...called].filter((name) => /_v\d+$/.test(name));
    expect(versioned.length).toBeGreaterThan(5);
    const known = files.map(({ name }) => name);
    expect(versioned.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("has no function without a caller in code, in another function or in a trigger", async () => {
    const called = new Set(["app", "lib"].flatMap(sources).flatMap(namesIn));
    for (const { name, definition } of await functionObjects(migrated.sql)) {
      const isTrigger = definition.startsWith("CREATE TRIGGER");
      for (const other of namesIn(definition)) if (isTrigger || other !== name) called.add(other);
    }
    const uncalled = files.map(({ name }) => name).filter((name) => !called.has(name));
    expect(uncalled).toEqual(KEPT_FOR_OLD_REPLICAS);
  });
});

describe("functionMigration", () => {
  test("returns null when nothing has changed", async () => {
    expect(await functionMigration(scratch.sql, files)).toBeNull();
  });

  test("contains a new function and no other", async () => {
    const added = file("example_v1", `CREATE FUNCTION example_v1() ${body(1)}`);
    expect(await functionMigration(scratch.sql, [...files, added])).toBe(`${added.text}\n`);
  });

  test("contains a changed function, and not one whose header alone has changed", async () => {
    const before = [
      file("a_v1", `CREATE FUNCTION a_v1() ${body(1)}`),
      file("b_v1", `CREATE FUNCTION b_v1() ${body(1)}`),
    ];
    await rebuildFunctions(scratch.sql, [...files, ...before]);
    const after = [
      file("a_v1", `CREATE FUNCTION a_v1() ${body(2)}`),
      file("b_v1", `-- New.\nCREATE FUNCTION b_v1() ${body(1)}`),
    ];
    expect(await functionMigration(scratch.sql, [...files, ...after])).toBe(`${after[0]?.text}\n`);
  });

  test("drops a function without a file, its triggers first, and a signature that has changed", async () => {
    const trigger = file(
      "gone",
      `CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
       CREATE TRIGGER gone BEFORE UPDATE ON models FOR EACH ROW EXECUTE FUNCTION gone();`,
    );
    const before = [file("a_v1", `CREATE FUNCTION a_v1(x integer) ${body(1)}`), trigger];
    await rebuildFunctions(scratch.sql, [...files, ...before]);
    const after = file("a_v1", `CREATE FUNCTION a_v1(x text) ${body(1)}`);
    expect(await functionMigration(scratch.sql, [...files, after])).toBe(
      [
        "DROP TRIGGER gone ON models;",
        "DROP FUNCTION gone();",
        "DROP FUNCTION a_v1(integer);",
        after.text,
        "",
      ]
        .join("\n--> statement-breakpoint\n")
        .replace(/\n--> statement-breakpoint\n$/, "\n"),
    );
  });
});

/** The text of every program under a folder; tests may call what programs do not. */
function sources(folder: string): string[] {
  return readdirSync(join(projectRoot(), folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}

const namesIn = (text: string): string[] => text.match(NAMES) ?? [];

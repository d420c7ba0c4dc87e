import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type postgres from "postgres";
import { projectRoot } from "#lib/config/project-root";

/** A function with its triggers, as `drizzle/functions/<name>.sql` creates them. */
export type FunctionFile = { name: string; text: string };

/** A function or one of its triggers in a database. `name` is the function's in both cases. */
export type FunctionObject = { name: string; definition: string; dropStatement: string };

/** Reads drizzle/functions, in the order of the names. */
export function readFunctionFiles(): FunctionFile[] {
  const folder = join(projectRoot(), "drizzle", "functions");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()
    .map((file) => ({ name: basename(file, ".sql"), text: readFileSync(join(folder, file), "utf8") }));
}

/** Lists the functions and triggers of a database, each function before its triggers. */
export async function functionObjects(sql: postgres.Sql): Promise<FunctionObject[]> {
  const rows = await sql<FunctionObject[]>`
    SELECT p.proname AS name, pg_get_functiondef(p.oid) AS definition,
      format('DROP FUNCTION %s;', p.oid::regprocedure) AS "dropStatement"
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT p.proname, pg_get_triggerdef(t.oid), format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::regclass)
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND p.pronamespace = 'public'::regnamespace`;
  return rows.toSorted((a, b) => compare(a.name, b.name) || compare(a.definition, b.definition));
}

/** Replaces every function and trigger of a database by those of the files. */
export async function rebuildFunctions(sql: postgres.Sql, files: readonly FunctionFile[]): Promise<void> {
  const drops = (await functionObjects(sql)).map(({ dropStatement }) => dropStatement);
  const isTrigger = (statement: string) => statement.startsWith("DROP TRIGGER");
  const ordered = [...drops.filter(isTrigger), ...drops.filter((statement) => !isTrigger(statement))];
  await sql.unsafe([...ordered, ...files.map(({ text }) => text)].join("\n"));
}

/** By code unit, as no locale sorts. */
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

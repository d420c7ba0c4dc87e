import type postgres from "postgres";
import { type FunctionFile, type FunctionObject, functionObjects, rebuildFunctions } from "./function-files";

/**
 * Writes the migration from the functions and triggers of a database to those of the files: drops what no file creates,
 * and creates the files whose definition differs. Rebuilds the functions of `sql`.
 * @param sql a scratch database with all migrations applied
 * @returns null if nothing differs
 */
export async function functionMigration(
  sql: postgres.Sql,
  files: readonly FunctionFile[],
): Promise<string | null> {
  const before = await functionObjects(sql);
  await rebuildFunctions(sql, files);
  const after = await functionObjects(sql);
  const creates = files.filter(({ name }) => definition(before, name) !== definition(after, name));
  const kept = new Set(after.map(({ dropStatement }) => dropStatement));
  const drops = before
    .map(({ dropStatement }) => dropStatement)
    .filter((statement) => !kept.has(statement))
    // Triggers before their functions.
    .toSorted()
    .toReversed();
  const statements = [...drops, ...creates.map(({ text }) => text.trimEnd())];
  return statements.length === 0 ? null : `${statements.join("\n--> statement-breakpoint\n")}\n`;
}

const definition = (objects: readonly FunctionObject[], name: string) =>
  JSON.stringify(objects.filter((object) => object.name === name).map((object) => object.definition));

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "#lib/config/project-root";
import { readFunctionFiles } from "./function-files";
import { functionMigration } from "./function-migration";
import { addMigration } from "./journal";
import { withScratchDatabases } from "./scratch-databases";
import { writeSchema } from "./write-schema";

// `npm run db:generate -- --name what`: a migration for changed tables, then one for changed functions, then the dump.
// With --custom: an empty migration, for SQL that neither can express.
const { name, custom } = parseArgs({
  options: { name: { type: "string" }, custom: { type: "boolean", default: false } },
}).values;
if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) {
  throw new Error("Pass --name in snake_case, as in --name add_regions.");
}
const root = projectRoot();
const folder = join(root, "drizzle");
const report = (line: string) => process.stdout.write(`${line}\n`);

if (custom) {
  const migration = addMigration(folder, name, "");
  report(`Empty migration: drizzle/${migration}. Write it, then run: npm run db:schema`);
} else {
  execFileSync("npx", ["drizzle-kit", "generate", "--name", name], { cwd: root, stdio: "inherit" });
  const files = readFunctionFiles();
  await withScratchDatabases(async (create) => {
    const text = await functionMigration(await create(), files);
    const migration = text === null ? null : addMigration(folder, `${name}_functions`, text);
    // Fails here, not at a start, if the migration does not apply; a changed result type needs a new version.
    await writeSchema(await create());
    report(`Functions: ${migration === null ? "no change" : `drizzle/${migration}`}`);
  });
}

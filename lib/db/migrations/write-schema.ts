import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type postgres from "postgres";
import { projectRoot } from "#lib/config/project-root";
import { schemaDump } from "./schema-dump";

/** Writes drizzle/schema.sql. @param sql a database with all migrations applied */
export async function writeSchema(sql: postgres.Sql): Promise<void> {
  writeFileSync(join(projectRoot(), "drizzle", "schema.sql"), await schemaDump(sql));
}

import type postgres from "postgres";
import { functionObjects } from "./function-files";

/** An object of the database as SQL that creates it. */
type Part = { name: string; definition: string };
type TablePart = Part & { table: string };

/**
 * Dumps the public schema as SQL that creates it: types, tables with their columns, constraints, indexes and settings,
 * views, functions with their triggers. npm's PostgreSQL comes without pg_dump, and this output does not depend on the server's
 * version or on the order in which objects were created.
 */
export async function schemaDump(sql: postgres.Sql): Promise<string> {
  const [types, columns, settings, constraints, indexes, views, functions] = await Promise.all([
    enumTypes(sql),
    tableColumns(sql),
    tableSettings(sql),
    tableConstraints(sql),
    tableIndexes(sql),
    viewsOf(sql),
    functionObjects(sql),
  ]);
  const tables = [...new Set(columns.map(({ table }) => table))].map((table) => {
    const own = (parts: readonly TablePart[]) =>
      parts.filter((part) => part.table === table).map(({ definition }) => definition);
    const keys = constraints.filter(({ isForeign }) => !isForeign);
    const [storage] = own(settings);
    const lines = [...own(columns), ...own(keys)].map((line) => `  ${line}`);
    const create = `CREATE TABLE ${table} (\n${lines.join(",\n")}\n)${storage ? ` WITH (${storage})` : ""}`;
    return [create, ...own(indexes)].map((statement) => `${statement};\n`).join("");
  });
  const foreignKeys = constraints
    .filter(({ isForeign }) => isForeign)
    .map(({ table, definition }) => `ALTER TABLE ${table} ADD ${definition};\n`);
  return [
    "-- Everything that is live in the database. Generated from the migrations by `npm run db:schema`; a test compares them.\n-- drizzle/functions has the functions with their contracts.\n",
    types.map(({ definition }) => `${definition};\n`).join(""),
    ...tables,
    foreignKeys.join(""),
    ...views.map(({ definition }) => `${definition}\n`),
    ...functions.map(({ definition }) => `${definition.trimEnd()};\n`),
  ].join("\n");
}

const enumTypes = (sql: postgres.Sql) => sql<Part[]>`
  SELECT t.typname AS name, format('CREATE TYPE %I AS ENUM (%s)', t.typname,
    string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)) AS definition
  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
  WHERE t.typnamespace = 'public'::regnamespace GROUP BY t.typname ORDER BY t.typname COLLATE "C"`;

const tableColumns = (sql: postgres.Sql) => sql<TablePart[]>`
  SELECT c.relname AS table, a.attname AS name, concat_ws(' ',
    quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    CASE a.attgenerated WHEN 's' THEN format('GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))
      ELSE 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END,
    CASE a.attidentity WHEN '' THEN NULL ELSE format('GENERATED %s AS IDENTITY (%s)',
      CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
      (SELECT format('SEQUENCE NAME %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s',
        s.seqrelid::regclass, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache)
      FROM pg_sequence s
      WHERE s.seqrelid = pg_get_serial_sequence(c.oid::regclass::text, a.attname)::regclass)) END
    ) AS definition
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY c.relname COLLATE "C", a.attnum`;

const tableSettings = (sql: postgres.Sql) => sql<TablePart[]>`
  SELECT c.relname AS table, c.relname AS name, array_to_string(c.reloptions, ', ') AS definition
  FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.reloptions IS NOT NULL`;

/** PostgreSQL 18 lists NOT NULL among the constraints; here it belongs to the column. */
const tableConstraints = (sql: postgres.Sql) => sql<(TablePart & { isForeign: boolean })[]>`
  SELECT c.conrelid::regclass::text AS table, c.conname AS name, c.contype = 'f' AS "isForeign",
    format('CONSTRAINT %I %s', c.conname, pg_get_constraintdef(c.oid)) AS definition
  FROM pg_constraint c
  WHERE c.connamespace = 'public'::regnamespace AND c.conrelid <> 0 AND c.contype NOT IN ('n', 't')
  ORDER BY c.conrelid::regclass::text COLLATE "C", c.contype = 'p' DESC, c.conname COLLATE "C"`;

const tableIndexes = (sql: postgres.Sql) => sql<TablePart[]>`
  SELECT i.indrelid::regclass::text AS table, x.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
  WHERE x.relnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
  ORDER BY x.relname COLLATE "C"`;

const viewsOf = (sql: postgres.Sql) => sql<Part[]>`
  SELECT v.viewname AS name, format('CREATE VIEW %I AS\n%s', v.viewname, v.definition) AS definition
  FROM pg_views v WHERE v.schemaname = 'public' ORDER BY v.viewname COLLATE "C"`;

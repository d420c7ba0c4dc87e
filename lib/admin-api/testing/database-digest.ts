import { sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";

/** Tables by their digest. Two that are equal have the same rows, except for when tokens were last used. */
export async function databaseDigest(db: Db): Promise<Record<string, string>> {
  const tables = await db.execute<{ name: string }>(sql`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`);
  const digests = tables.map(
    ({ name }) => sql`select ${name}::text as name,
      md5(coalesce(string_agg(row, '|' order by row), '')) as digest
      from (select (to_jsonb(t) - 'last_used_at')::text as row from ${sql.identifier(name)} t) rows`,
  );
  const rows = await db.execute<{ name: string; digest: string }>(sql.join(digests, sql` union all `));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

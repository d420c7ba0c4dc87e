import { and, asc, getTableName, gt, isNotNull, ne, sql } from "drizzle-orm";
import { type EncryptionKeys, openIfPossible, seal, sealHeader } from "#lib/config/seal";
import type { Tx } from "#lib/db/client";
import { placeIn, type SealedColumn } from "#lib/db/schema/sealed-columns";

/** Few enough that their locks are short. */
const BATCH_ROWS = 100;

/** Like `providers.credentials`. */
export const columnName = ({ table, column }: SealedColumn): string =>
  `${getTableName(table)}.${column.name}`;

/**
 * Seals the next rows of a column with the current key that are not sealed with it.
 * @param after the last row of the batch before; null at first
 * @returns `last` is null if there are no more
 */
export async function resealBatch(
  tx: Tx,
  { table, id, column }: SealedColumn,
  keys: EncryptionKeys,
  after: string | number | null,
): Promise<{ resealed: number; unreadable: number; last: string | number | null }> {
  // It changes no route (drizzle/functions/tollgate_raise_routing_version.sql).
  await tx.execute(sql`SELECT set_config('tollgate.resealing', 'on', true)`);
  const header = sealHeader(keys.ENCRYPTION_KEY);
  const rows = await tx
    .select({ id: sql<string | number>`${id}`, sealed: sql<Buffer>`${column}` })
    .from(table)
    .where(
      and(
        isNotNull(column),
        ne(sql`substring(${column} from 1 for ${header.length}::int)`, header),
        after === null ? undefined : gt(id, after),
      ),
    )
    .orderBy(asc(id))
    .limit(BATCH_ROWS)
    .for("update");
  const anew = rows.flatMap((row) => {
    const place = placeIn(column, row.id);
    const text = openIfPossible(row.sealed, keys, place);
    if (text === null) return [];
    const sealed = seal(text, keys.ENCRYPTION_KEY, place);
    return sql`(${row.id}::${sql.raw(id.getSQLType())}, ${sealed}::bytea)`;
  });
  if (anew.length > 0) {
    await tx.execute(sql`
      UPDATE ${table} SET ${sql.identifier(column.name)} = given.sealed
      FROM (VALUES ${sql.join(anew, sql`, `)}) AS given (row_id, sealed) WHERE ${id} = given.row_id`);
  }
  const last = rows.length < BATCH_ROWS ? null : (rows.at(-1)?.id ?? null);
  return { resealed: anew.length, unreadable: rows.length - anew.length, last };
}

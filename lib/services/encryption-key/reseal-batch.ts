import { and, asc, getTableName, gt, isNotNull, ne, sql } from "drizzle-orm";
import {
  type EncryptionKeys,
  openWithAny,
  SealBroken,
  type SealedPlace,
  seal,
  sealHeader,
} from "#lib/config/seal";
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
  let resealed = 0;
  for (const row of rows) {
    const place = placeIn(column, row.id);
    const text = opened(row.sealed, keys, place);
    if (text === null) continue;
    const anew = seal(text, keys.ENCRYPTION_KEY, place);
    await tx.execute(
      sql`UPDATE ${table} SET ${sql.identifier(column.name)} = ${anew} WHERE ${id} = ${row.id}`,
    );
    resealed++;
  }
  const last = rows.length < BATCH_ROWS ? null : (rows.at(-1)?.id ?? null);
  return { resealed, unreadable: rows.length - resealed, last };
}

function opened(sealed: Buffer, keys: EncryptionKeys, place: SealedPlace): string | null {
  try {
    return openWithAny(sealed, keys, place);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

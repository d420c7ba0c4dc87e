import { type AnyColumn, desc, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type Page, pageQuery } from "./page";

const CURSOR = /^(\d{1,17})_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/**
 * What a list in the order of creation takes. Its cursor says when its row was made, so that the next
 * page is found also after that row was deleted.
 */
export const createdPageQuery = {
  limit: pageQuery.limit,
  cursor: z.string().regex(CURSOR, "is not a cursor of this list").optional(),
};

type Columns = { createdAt: AnyColumn; id: AnyColumn };

/** Newest first; things made in one transaction, which share their time, by id. */
export const newestFirst = ({ createdAt, id }: Columns): [SQL, SQL] => [desc(createdAt), desc(id)];

/** Microseconds, the column's own step: a JavaScript date is coarser. To be selected as `createdMicros`. */
export const createdMicros = ({ createdAt }: Columns) =>
  sql<string>`(extract(epoch from ${createdAt}) * 1000000)::bigint`;

/** The condition of the page after `cursor`; none for the first. */
export function olderThan({ createdAt, id }: Columns, cursor: string | undefined): SQL | undefined {
  const [, micros, uuid] = CURSOR.exec(cursor ?? "") ?? [];
  if (micros === undefined || uuid === undefined) return undefined;
  return sql`(${createdAt}, ${id}) <
    ('epoch'::timestamptz + ${micros}::bigint * interval '1 microsecond', ${uuid}::uuid)`;
}

/** Cuts a page out of `limit + 1` rows: the one too many only says that there is more. */
export function toCreatedPage<Row extends { id: string; createdMicros: string }, T>(
  rows: readonly Row[],
  limit: number,
  toDto: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(toDto), next_cursor: last ? `${last.createdMicros}_${last.id}` : null };
}

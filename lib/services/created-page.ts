import { type AnyColumn, desc, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type Page, pageQuery, toPage } from "./page";

const CURSOR = /^(\d{1,17})_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/**
 * The query of a list ordered by creation. The cursor has the creation time of its row, so that the next page
 * can be found after that row is deleted.
 */
export const createdPageQuery = {
  limit: pageQuery.limit,
  cursor: z.string().regex(CURSOR, "Invalid cursor: pass `next_cursor` of the previous page.").optional(),
};

type Columns = { createdAt: AnyColumn; id: AnyColumn };

/** Newest first; rows of one transaction, which share their time, by id. */
export const newestFirst = ({ createdAt, id }: Columns): [SQL, SQL] => [desc(createdAt), desc(id)];

/** In microseconds like the column, since a JavaScript date is coarser. Select it as `createdMicros`. */
export const createdMicros = ({ createdAt }: Columns) =>
  sql<string>`(extract(epoch from ${createdAt}) * 1000000)::bigint`;

/** The condition of the page after `cursor`; undefined for the first. */
export function olderThan({ createdAt, id }: Columns, cursor: string | undefined): SQL | undefined {
  const [, micros, uuid] = CURSOR.exec(cursor ?? "") ?? [];
  if (micros === undefined || uuid === undefined) return undefined;
  return sql`(${createdAt}, ${id}) <
    ('epoch'::timestamptz + ${micros}::bigint * interval '1 microsecond', ${uuid}::uuid)`;
}

/** The cursor of the page after a row. */
export const createdCursor = (row: { id: string; createdMicros: string }) => `${row.createdMicros}_${row.id}`;

type UnsortedQuery<Row> = {
  orderBy: (...order: SQL[]) => { limit: (rows: number) => PromiseLike<Row[]> };
};

/** One page of a table, newest first: what its query selects and filters by, and how to read it. */
export const createdPage = (
  table: Columns,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) => ({
  createdMicros: createdMicros(table),
  after: olderThan(table, cursor),
  read: async <Row extends { id: string; createdMicros: string }, T>(
    query: UnsortedQuery<Row>,
    toDto: (row: Row) => T,
  ): Promise<Page<T>> => {
    const rows = await query.orderBy(...newestFirst(table)).limit(limit + 1);
    return toPage(rows, limit, toDto, createdCursor);
  },
});

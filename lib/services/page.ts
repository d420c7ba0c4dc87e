import { z } from "zod";

/** One page of a list, newest first; `next_cursor` is what the next page is asked for with. */
export type Page<T> = { data: T[]; next_cursor: string | null };

/** The schema of such a page, for the API's description. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });

/** What every list takes: how many, and after which row (keyset paging: no page shifts while rows arrive). */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.uuid("is not a cursor of this list").optional(),
};

/** Cuts a page out of `limit + 1` rows: the one too many only says that there is more. */
export function toPage<Row extends { id: string }, T>(
  rows: readonly Row[],
  limit: number,
  toDto: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  return { data: shown.map(toDto), next_cursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

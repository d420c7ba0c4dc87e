import { z } from "zod";

/** A page of a list, newest first. `next_cursor` is the `cursor` of the next page. */
export type Page<T> = { data: T[]; next_cursor: string | null };

/** The schema of a page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() });

/** The query of a list. The cursor is a row (keyset paging), so that pages do not shift as rows arrive. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.uuid("Invalid cursor: pass `next_cursor` of the previous page.").optional(),
};

/** The query of a list whose rows are numbered. */
export const numberedPageQuery = {
  limit: pageQuery.limit,
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, "Invalid cursor: pass `next_cursor` of the previous page.")
    .optional(),
};

/** Turns up to `limit + 1` rows into a page; an extra row means that there is a next page. */
export function toPage<Row extends { id: string | number }, T>(
  rows: readonly Row[],
  limit: number,
  toDto: (row: Row) => T,
  cursorOf: (row: Row) => string = ({ id }) => String(id),
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map((row) => toDto(row)), next_cursor: last === undefined ? null : cursorOf(last) };
}

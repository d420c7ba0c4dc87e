import { type AnyColumn, and, gte, lt, type SQL } from "drizzle-orm";
import { instantField } from "./fields";
import { numberedPageQuery } from "./page";

/** The query of a list of numbered rows that each have a time. */
export const timedPageQuery = {
  from: instantField.optional().describe("Inclusive."),
  to: instantField.optional().describe("Exclusive."),
  ...numberedPageQuery,
};

/** The condition of one page of such a list. */
export const onTimedPage = (
  { id, at }: { id: AnyColumn; at: AnyColumn },
  { from, to, cursor }: { from?: string | undefined; to?: string | undefined; cursor?: string | undefined },
): SQL | undefined =>
  and(
    from === undefined ? undefined : gte(at, new Date(from)),
    to === undefined ? undefined : lt(at, new Date(to)),
    cursor === undefined ? undefined : lt(id, Number(cursor)),
  );

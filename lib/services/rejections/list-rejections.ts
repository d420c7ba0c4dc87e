import { and, desc, gte, lt, type SQL } from "drizzle-orm";
import { z } from "zod";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import type { ServiceContext } from "#lib/services/context";
import { momentField, textField } from "#lib/services/fields";
import { equals, ownedBy, ownerFilters } from "#lib/services/owners";
import { numberedPageQuery, type Page, pageOf, toPage } from "#lib/services/page";
import { visibleTo } from "#lib/services/scope";
import { verb } from "#lib/services/verb";
import { Rejection, selectRejections, toRejection } from "./rejection";

export const ListRejectionsQuery = z.strictObject({
  from: momentField.optional().describe("By the hour, inclusive."),
  to: momentField.optional().describe("Exclusive."),
  ...ownerFilters,
  code: textField(100).min(1).optional(),
  ...numberedPageQuery,
});
type ListRejectionsQuery = z.output<typeof ListRejectionsQuery>;

/**
 * Lists the requests rejected before a hold, counted by the hour, newest first: an administrator sees all, an
 * `org_admin` and a `viewer` their organization's, a member their own.
 * @throws ServiceError "invalid"
 */
export const listRejections = verb({
  role: "viewer",
  input: ListRejectionsQuery,
  output: pageOf(Rejection),
  run: readRejections,
});

/** The same for a query that is already parsed. */
export async function readRejections(
  ctx: ServiceContext,
  filter: ListRejectionsQuery,
): Promise<Page<Rejection>> {
  const rows = await selectRejections(ctx.db)
    .where(and(visibleTo(ctx.actor, rejectionsHourly), ...conditions(filter)))
    .orderBy(desc(rejectionsHourly.id))
    .limit(filter.limit + 1);
  return toPage(rows, filter.limit, toRejection);
}

const conditions = (filter: ListRejectionsQuery): (SQL | undefined)[] => [
  filter.from === undefined ? undefined : gte(rejectionsHourly.hour, new Date(filter.from)),
  filter.to === undefined ? undefined : lt(rejectionsHourly.hour, new Date(filter.to)),
  ownedBy(rejectionsHourly, filter),
  equals(rejectionsHourly.code, filter.code),
  filter.cursor === undefined ? undefined : lt(rejectionsHourly.id, Number(filter.cursor)),
];

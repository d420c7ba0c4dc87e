import { and, desc, eq, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { budgetEventKind, budgetEvents, scopeType } from "#lib/db/schema/credit";
import { apiKeys } from "#lib/db/schema/identity";
import { equals, ownerFilters } from "#lib/services/owners";
import { pageOf, toPage } from "#lib/services/page";
import { onTimedPage, timedPageQuery } from "#lib/services/timed-page";
import { verb } from "#lib/services/verb";
import { BudgetEvent, toBudgetEvent } from "./budget-event";

const ListBudgetEventsQuery = z.strictObject({
  organization_id: ownerFilters.organization_id,
  scope_type: z.enum(scopeType.enumValues).optional(),
  scope_id: z.uuid("`scope_id` must be a UUID.").optional(),
  kind: z.enum(budgetEventKind.enumValues).optional(),
  ...timedPageQuery,
});

/**
 * Lists the budgets that have reached a threshold, newest first: an administrator sees all, an `org_admin`
 * and a `viewer` their organization's, a member their own and their keys'.
 * @throws ServiceError "invalid"
 */
export const listBudgetEvents = verb({
  role: "viewer",
  input: ListBudgetEventsQuery,
  output: pageOf(BudgetEvent),
  run: async (ctx, filter) => {
    const rows = await ctx.db
      .select()
      .from(budgetEvents)
      .where(and(visibleEvents(ctx.actor), ...conditions(filter)))
      .orderBy(desc(budgetEvents.id))
      .limit(filter.limit + 1);
    return toPage(rows, filter.limit, toBudgetEvent);
  },
});

/** By the events' own columns, since their scopes may have been deleted. */
function visibleEvents(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  if (actor.organizationId === null) return sql`false`;
  const own = eq(budgetEvents.organizationId, actor.organizationId);
  if (actor.role !== "member") return own;
  const keys = sql`select ${apiKeys.id} from ${apiKeys} where ${eq(apiKeys.userId, actor.id)}`;
  return and(own, or(eq(budgetEvents.scopeId, actor.id), sql`${budgetEvents.scopeId} in (${keys})`));
}

const conditions = (filter: z.output<typeof ListBudgetEventsQuery>): (SQL | undefined)[] => [
  equals(budgetEvents.organizationId, filter.organization_id),
  equals(budgetEvents.scopeType, filter.scope_type),
  equals(budgetEvents.scopeId, filter.scope_id),
  equals(budgetEvents.kind, filter.kind),
  onTimedPage(budgetEvents, filter),
];

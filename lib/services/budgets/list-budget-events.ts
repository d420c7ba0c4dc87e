import { and, desc, eq, gte, lt, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { budgetEventKind, budgetEvents, scopeType } from "#lib/db/schema/credit";
import { apiKeys } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { instantField } from "#lib/services/fields";
import { type Page, pageQuery } from "#lib/services/page";
import { type BudgetEvent, toBudgetEvent } from "./budget-event";

export const ListBudgetEventsQuery = z.strictObject({
  organization_id: z.uuid("Give an organization's id.").optional(),
  scope_type: z.enum(scopeType.enumValues).optional(),
  scope_id: z.uuid("Give the id of an organization, user, key or app.").optional(),
  kind: z.enum(budgetEventKind.enumValues).optional(),
  from: instantField.optional().describe("Inclusive."),
  to: instantField.optional().describe("Exclusive."),
  limit: pageQuery.limit,
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, "is not a cursor of this list")
    .optional(),
});

/**
 * Which budgets have reached a threshold, newest first: administrators see all, `org_admin` and `viewer`
 * their organization's, a member their own and their keys'.
 * @throws ServiceError "invalid"
 */
export async function listBudgetEvents(
  ctx: ServiceContext,
  query: z.input<typeof ListBudgetEventsQuery> = {},
): Promise<Page<BudgetEvent>> {
  const filter = parseInput(ListBudgetEventsQuery, query);
  const rows = await ctx.db
    .select()
    .from(budgetEvents)
    .where(and(visibleEvents(ctx.actor), ...conditions(filter)))
    .orderBy(desc(budgetEvents.id))
    .limit(filter.limit + 1);
  const shown = rows.slice(0, filter.limit).map(toBudgetEvent);
  return { data: shown, next_cursor: rows.length > filter.limit ? (shown.at(-1)?.id ?? null) : null };
}

/** By the events' own columns, since what they are about may be gone. */
function visibleEvents(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  if (actor.organizationId === null) return sql`false`;
  const own = eq(budgetEvents.organizationId, actor.organizationId);
  if (actor.role !== "member") return own;
  const keys = sql`select ${apiKeys.id} from ${apiKeys} where ${eq(apiKeys.userId, actor.id)}`;
  return and(own, or(eq(budgetEvents.scopeId, actor.id), sql`${budgetEvents.scopeId} in (${keys})`));
}

function conditions(filter: z.output<typeof ListBudgetEventsQuery>): (SQL | undefined)[] {
  return [
    filter.organization_id === undefined
      ? undefined
      : eq(budgetEvents.organizationId, filter.organization_id),
    filter.scope_type === undefined ? undefined : eq(budgetEvents.scopeType, filter.scope_type),
    filter.scope_id === undefined ? undefined : eq(budgetEvents.scopeId, filter.scope_id),
    filter.kind === undefined ? undefined : eq(budgetEvents.kind, filter.kind),
    filter.from === undefined ? undefined : gte(budgetEvents.at, new Date(filter.from)),
    filter.to === undefined ? undefined : lt(budgetEvents.at, new Date(filter.to)),
    filter.cursor === undefined ? undefined : lt(budgetEvents.id, Number(filter.cursor)),
  ];
}

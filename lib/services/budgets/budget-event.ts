import { z } from "zod";
import { period } from "#lib/db/schema/columns";
import { budgetEventKind, type budgetEvents, scopeType } from "#lib/db/schema/credit";
import { instantField, signedUsdField, usdField } from "#lib/services/fields";
import { usdText } from "#lib/services/usd-text";

/** A threshold that a budget has reached, with the budget as it was then. */
export const BudgetEvent = z
  .object({
    id: z.string().describe("Events are numbered in the order in which they were found."),
    at: instantField,
    kind: z.enum(budgetEventKind.enumValues),
    scope: z
      .object({ type: z.enum(scopeType.enumValues), id: z.uuid() })
      .describe("The owner of the budget."),
    organization_id: z.uuid().nullable(),
    period: z.enum(period.enumValues),
    period_start: instantField.nullable().describe('Null for "total", which has no start.'),
    limit_usd: usdField,
    percent: z.int().describe("The threshold in percent of the limit: the soft limit, or 100."),
    spent_usd: signedUsdField,
  })
  .meta({ id: "BudgetEvent" });
export type BudgetEvent = z.output<typeof BudgetEvent>;

export const toBudgetEvent = (row: typeof budgetEvents.$inferSelect): BudgetEvent => ({
  id: String(row.id),
  at: row.at.toISOString(),
  kind: row.kind,
  scope: { type: row.scopeType, id: row.scopeId },
  organization_id: row.organizationId,
  period: row.period,
  period_start: row.period === "total" ? null : row.periodStart.toISOString(),
  limit_usd: usdText(row.limitUsd),
  percent: row.percent,
  spent_usd: usdText(row.spentUsd),
});

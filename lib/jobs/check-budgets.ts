import { controlDb } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { raiseBudgetEvents } from "#lib/services/budgets/raise-budget-events";

/** Records and logs the budgets that have reached a threshold. */
export async function checkBudgets(): Promise<{ budget_events: number }> {
  const events = await raiseBudgetEvents(controlDb());
  for (const event of events) log.warn(event, "budget threshold reached");
  return { budget_events: events.length };
}

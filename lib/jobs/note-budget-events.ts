import { controlDb } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { raiseBudgetEvents } from "#lib/services/budgets/raise-budget-events";

/** Notes the budgets that have reached a threshold, and says so in the log. */
export async function noteBudgetEvents(): Promise<{ budget_events: number }> {
  const events = await raiseBudgetEvents(controlDb());
  for (const event of events) log.warn(event, "a budget has reached a threshold");
  return { budget_events: events.length };
}

import { listBudgetEvents } from "#lib/services/budgets/list-budget-events";
import { type Operation, operation } from "./operation";

export const budgetEventOperations: readonly Operation[] = [
  operation("GET /budget-events", listBudgetEvents, {
    summary: "List budget events",
    description:
      "Budgets that have reached their `soft_limit_percent` or their limit, newest first. Each threshold has one event per period, written by the settlement that reaches it (after a change of the budget, within half a minute); a budget for `total` has one for each limit that was set.",
    tag: "Usage",
  }),
];

import { BudgetEvent } from "#lib/services/budgets/budget-event";
import { ListBudgetEventsQuery, listBudgetEvents } from "#lib/services/budgets/list-budget-events";
import { pageOf } from "#lib/services/page";
import { type Operation, operation } from "./operation";

export const budgetEventOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/budget-events",
    summary: "List budget events",
    description:
      "Which budgets have reached their `soft_limit_percent`, or their limit, newest first. Each is told of once a period, within half a minute; a budget for `total` once for each limit that it has had.",
    tag: "Usage",
    status: 200,
    input: ListBudgetEventsQuery,
    output: pageOf(BudgetEvent),
    run: listBudgetEvents,
  }),
];

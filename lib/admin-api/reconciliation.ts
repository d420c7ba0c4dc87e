import { providerUsage } from "#lib/services/reconcile/provider-usage";
import { reconcile } from "#lib/services/reconcile/reconcile";
import { type Operation, operation } from "./operation";

const tag = "Reconciliation";

export const reconciliationOperations: readonly Operation[] = [
  operation("GET /reconciliation", reconcile, {
    summary: "Reconcile the ledger",
    description:
      "Recomputes counters and hours of usage from the ledger in one snapshot, lists the differences, and compares the rollups with each other. Of a ledger with more than 100 000 requests, reads the newest days, which takes seconds: pass `from`, and `to`, for others, such as a month with the counters of its budgets. A long time may take minutes, without blocking requests.",
    tag,
  }),
  operation("GET /reconciliation/provider-usage", providerUsage, {
    summary: "Report a provider's usage by day and model",
    description: "Under the provider's own names of models, to compare with the provider's export.",
    tag,
  }),
];

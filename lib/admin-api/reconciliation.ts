import { providerUsage } from "#lib/services/reconcile/provider-usage";
import { reconcile } from "#lib/services/reconcile/reconcile";
import { type Operation, operation } from "./operation";

const tag = "Reconciliation";

export const reconciliationOperations: readonly Operation[] = [
  operation("GET /reconciliation", reconcile, {
    summary: "Reconcile the ledger",
    description:
      "Recomputes every counter and every hour of usage from the ledger in one snapshot, lists the differences, and compares the rollups with each other. Reads the whole ledger, which may take minutes, without blocking requests.",
    tag,
  }),
  operation("GET /reconciliation/provider-usage", providerUsage, {
    summary: "Report a provider's usage by day and model",
    description: "Under the provider's own names of models, to compare with the provider's export.",
    tag,
  }),
];

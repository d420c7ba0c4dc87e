import { z } from "zod";
import { ProviderUsage, ProviderUsageQuery, providerUsage } from "#lib/services/reconcile/provider-usage";
import { Reconciliation, reconcile } from "#lib/services/reconcile/reconcile";
import { type Operation, operation } from "./operation";

const tag = "Reconciliation";

/** Whether the books agree, with themselves and with a provider's. */
export const reconciliationOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/reconciliation",
    summary: "Reconcile the books",
    description:
      "Recomputes every counter and the usage rollup from the ledger, as of one moment, and says where they differ. Reads all of the ledger: it may take minutes, and it holds up nobody.",
    tag,
    status: 200,
    input: z.strictObject({}),
    output: Reconciliation,
    run: reconcile,
  }),
  operation({
    method: "GET",
    path: "/reconciliation/provider-usage",
    summary: "Report a provider's usage by day and model",
    description: "Under the provider's own names of its models, for comparing with the provider's export.",
    tag,
    status: 200,
    input: ProviderUsageQuery,
    output: ProviderUsage,
    run: providerUsage,
  }),
];

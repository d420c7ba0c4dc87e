import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { type Operation, operation } from "./operation";

const tag = "Adjustments";

export const adjustmentOperations: readonly Operation[] = [
  operation("POST /adjustments", createAdjustment, {
    tag,
    summary: "Charge or refund a budget",
    description:
      "Writes a row into the ledger that counts toward the current period of one organization, user, key or app. A refund is negative. Beside a user's external id, `organization_id` in `scope` says which user is meant.",
  }),
];

import {
  Adjustment,
  CreateAdjustmentInput,
  createAdjustment,
} from "#lib/services/adjustments/create-adjustment";
import { type Operation, operation } from "./operation";

export const adjustmentOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/adjustments",
    summary: "Charge or refund a budget",
    description:
      "A row of the ledger, charged to the running period of one organization, user, key or app. A refund is negative.",
    tag: "Adjustments",
    status: 201,
    input: CreateAdjustmentInput,
    output: Adjustment,
    idempotent: true,
    run: createAdjustment,
  }),
];

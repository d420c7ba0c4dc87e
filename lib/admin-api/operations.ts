import { adjustmentOperations } from "./adjustments";
import { adminTokenOperations } from "./admin-tokens";
import { apiKeyOperations } from "./api-keys";
import { appOperations } from "./apps";
import { auditLogOperations } from "./audit-log";
import { budgetEventOperations } from "./budget-events";
import { metricsOperations } from "./metrics";
import { modelOperations } from "./models";
import type { Operation } from "./operation";
import { organizationOperations } from "./organizations";
import { priceOperations } from "./prices";
import { providerOperations } from "./providers";
import { reconciliationOperations } from "./reconciliation";
import { rejectionOperations } from "./rejections";
import { requestOperations } from "./requests";
import { usageOperations } from "./usage";
import { userOperations } from "./users";

/** All that the Admin API does; the OpenAPI document lists it in this order. */
export const operations: readonly Operation[] = [
  ...organizationOperations,
  ...userOperations,
  ...apiKeyOperations,
  ...appOperations,
  ...providerOperations,
  ...modelOperations,
  ...priceOperations,
  ...requestOperations,
  ...rejectionOperations,
  ...usageOperations,
  ...budgetEventOperations,
  ...adjustmentOperations,
  ...reconciliationOperations,
  ...adminTokenOperations,
  ...auditLogOperations,
  ...metricsOperations,
];

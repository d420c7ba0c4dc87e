import { adjustmentOperations } from "./adjustments";
import { adminTokenOperations } from "./admin-tokens";
import { apiKeyOperations } from "./api-keys";
import { appOperations } from "./apps";
import { auditLogOperations } from "./audit-log";
import { budgetEventOperations } from "./budget-events";
import { encryptionKeyOperations } from "./encryption-key";
import { metricsOperations } from "./metrics";
import { modelOperations } from "./models";
import { noticeOperations } from "./notices";
import { deprecatedAlias, type Operation } from "./operation";
import { organizationOperations } from "./organizations";
import { priceOperations } from "./prices";
import { providerOperations } from "./providers";
import { reconciliationOperations } from "./reconciliation";
import { rejectionOperations } from "./rejections";
import { requestOperations } from "./requests";
import { usageOperations } from "./usage";
import { userOperations } from "./users";
import { webhookOperations } from "./webhooks";

/** `rejections` was called `refusals`. */
const refusalOperations = rejectionOperations
  .filter(({ path }) => path === "/rejections")
  .map((operation) => deprecatedAlias(operation, { path: "/refusals", summary: "List refusals" }));

/** Every operation of the Admin API, in the order of the OpenAPI document. */
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
  ...refusalOperations,
  ...usageOperations,
  ...budgetEventOperations,
  ...noticeOperations,
  ...webhookOperations,
  ...adjustmentOperations,
  ...reconciliationOperations,
  ...adminTokenOperations,
  ...auditLogOperations,
  ...metricsOperations,
  ...encryptionKeyOperations,
];

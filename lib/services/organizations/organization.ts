import { z } from "zod";
import { failureMode, hangUp, organizations } from "#lib/db/schema/identity";
import { instantField, nameField, usdField } from "#lib/services/fields";
import { allowedModelsField } from "#lib/services/keys/key-fields";
import { Budget, limitFields, limitsOf, RateLimits } from "#lib/services/limits";
import { metadataField, shownMetadata } from "#lib/services/metadata";
import { usdText } from "#lib/services/usd-text";
import { MemberKeys } from "./member-keys";

/** An organization in the shape of the API. */
export const Organization = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: z.enum(["active", "suspended"]),
    budget: Budget.nullable(),
    rate_limits: RateLimits.nullable(),
    failure_mode: z.enum(failureMode.enumValues),
    fail_open_allowance_usd: usdField.nullable(),
    on_hang_up: z.enum(hangUp.enumValues),
    allowed_models: z.array(z.string()).nullable().describe("Null: all models. Empty: none."),
    member_keys: MemberKeys.nullable().describe("Bounds of keys that belong to a person. Null: no bounds."),
    metadata: shownMetadata,
    suspended_at: instantField.nullable(),
    created_at: instantField,
  })
  .meta({ id: "Organization" });
export type Organization = z.output<typeof Organization>;

/** The input fields of creating an organization; an update takes any of them. */
export const organizationFields = {
  name: nameField,
  ...limitFields,
  failure_mode: z
    .enum(failureMode.enumValues)
    .describe("What happens to its requests while the database or Redis is unavailable."),
  fail_open_allowance_usd: usdField
    .nullable()
    .describe("How much each replica may spend under `fail_open` before it rejects requests."),
  on_hang_up: z
    .enum(hangUp.enumValues)
    .describe(
      "What happens when a client disconnects: `abort` ends the provider's response and charges an estimate; `drain` reads it to the end, for up to a minute, and charges the usage that the provider reports. Under a hard budget, what a provider would go on to bill is read either way.",
    ),
  allowed_models: allowedModelsField.describe(
    "Names or aliases. Narrows every key and app in the organization, from the next request on. Null: all models. Empty: none.",
  ),
  member_keys: MemberKeys.nullable().describe(
    "Bounds of keys that belong to a person. `allowed_ips` takes effect on the next request; `max` and `max_days` when a key is created, changed or rotated. Null: no bounds.",
  ),
  metadata: metadataField,
};

type OrganizationRow = Omit<typeof organizations.$inferSelect, "version">;

/** The columns of an `Organization`. */
export const organizationColumns = {
  id: organizations.id,
  name: organizations.name,
  suspendedAt: organizations.suspendedAt,
  failureMode: organizations.failureMode,
  failOpenAllowanceUsd: organizations.failOpenAllowanceUsd,
  onHangUp: organizations.onHangUp,
  allowedModels: organizations.allowedModels,
  memberKeys: organizations.memberKeys,
  budgetLimitUsd: organizations.budgetLimitUsd,
  budgetPeriod: organizations.budgetPeriod,
  budgetSoftPercent: organizations.budgetSoftPercent,
  maxConcurrent: organizations.maxConcurrent,
  rateLimits: organizations.rateLimits,
  metadata: organizations.metadata,
  createdAt: organizations.createdAt,
};

export function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    status: row.suspendedAt === null ? "active" : "suspended",
    ...limitsOf(row),
    failure_mode: row.failureMode,
    fail_open_allowance_usd: row.failOpenAllowanceUsd === null ? null : usdText(row.failOpenAllowanceUsd),
    on_hang_up: row.onHangUp,
    allowed_models: row.allowedModels,
    member_keys: row.memberKeys,
    metadata: row.metadata,
    suspended_at: row.suspendedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

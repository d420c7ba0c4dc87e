import { z } from "zod";
import { apps } from "#lib/db/schema/identity";
import { instantField, nameField } from "#lib/services/fields";
import { allowedModelsField } from "#lib/services/keys/key-fields";
import { Budget, limitFields, limitsOf, RateLimits } from "#lib/services/limits";

/** An internal app as people see it: nothing to call with. */
export const App = z
  .object({
    id: z.uuid(),
    name: z.string(),
    organization_id: z.uuid(),
    external_id: z.string().nullable().describe("What it may call itself in `x-app-id`; its id works too."),
    budget: Budget.nullable(),
    rate_limits: RateLimits.nullable(),
    allowed_models: z.array(z.string()).nullable().describe("Null: every model. Empty: none."),
    disabled: z.boolean(),
    created_at: instantField,
    previous_secret_expires_at: instantField
      .nullable()
      .describe("Until when the secret before the last rotation works; null where it does not."),
  })
  .meta({ id: "App" });
export type App = z.output<typeof App>;

/** An app in the one answer that says its secret. */
export const NewApp = App.extend({
  secret: z.string().describe("What it sends as `x-gateway-secret`: here, and never again."),
}).meta({ id: "NewApp" });
export type NewApp = z.output<typeof NewApp>;

/** What is given when an app is made, and in part when it is changed. */
export const appFields = {
  name: nameField,
  external_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, "Use 1 to 200 letters, digits and signs, without spaces.")
    .nullable()
    .describe("What it may call itself in `x-app-id`. Unique among apps."),
  ...limitFields,
  allowed_models: allowedModelsField,
};

export type AppRow = Omit<typeof apps.$inferSelect, "secretHash" | "previousSecretHash" | "version">;

/** The columns behind an `App`. */
export const appColumns = {
  id: apps.id,
  name: apps.name,
  organizationId: apps.organizationId,
  externalId: apps.externalId,
  previousSecretExpiresAt: apps.previousSecretExpiresAt,
  allowedModels: apps.allowedModels,
  budgetLimitUsd: apps.budgetLimitUsd,
  budgetPeriod: apps.budgetPeriod,
  budgetSoftPercent: apps.budgetSoftPercent,
  maxConcurrent: apps.maxConcurrent,
  rateLimits: apps.rateLimits,
  disabled: apps.disabled,
  createdAt: apps.createdAt,
};

export function toApp(row: AppRow, now: Date = new Date()): App {
  const { previousSecretExpiresAt } = row;
  const graceRuns = previousSecretExpiresAt !== null && previousSecretExpiresAt > now;
  return {
    id: row.id,
    name: row.name,
    organization_id: row.organizationId,
    external_id: row.externalId,
    ...limitsOf(row),
    allowed_models: row.allowedModels,
    disabled: row.disabled,
    created_at: row.createdAt.toISOString(),
    previous_secret_expires_at: graceRuns ? previousSecretExpiresAt.toISOString() : null,
  };
}

import { z } from "zod";
import { apps } from "#lib/db/schema/identity";
import { instantField, nameField } from "#lib/services/fields";
import { allowedModelsField } from "#lib/services/keys/key-fields";
import { Budget, limitFields, limitsOf, RateLimits } from "#lib/services/limits";
import { metadataField, shownMetadata } from "#lib/services/metadata";

/** An internal app in the shape of the API, without its secret. */
export const App = z
  .object({
    id: z.uuid(),
    name: z.string(),
    organization_id: z.uuid(),
    external_id: z.string().nullable().describe("Identifies the app in `x-app-id`, as its id does."),
    budget: Budget.nullable(),
    rate_limits: RateLimits.nullable(),
    allowed_models: z.array(z.string()).nullable().describe("Null: all models. Empty: none."),
    metadata: shownMetadata,
    disabled: z.boolean(),
    create_users: z.boolean().describe("Whether an unknown `x-user-oid` creates a user."),
    max_created_users: z.int(),
    created_at: instantField,
    previous_secret_expires_at: instantField
      .nullable()
      .describe("When the secret from before the last rotation stops working; null if it no longer works."),
  })
  .meta({ id: "App" });
export type App = z.output<typeof App>;

/** An app with its secret, which only this answer has. */
export const NewApp = App.extend({
  secret: z.string().describe("Sent as `x-gateway-secret`. Shown only once."),
}).meta({ id: "NewApp" });
export type NewApp = z.output<typeof NewApp>;

/** The input fields of creating an app; an update takes any of them. */
export const appFields = {
  name: nameField,
  external_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, "Use 1 to 200 letters, digits and symbols, without spaces.")
    .nullable()
    .describe("Identifies the app in `x-app-id`. Unique in the organization."),
  create_users: z
    .boolean()
    .describe(
      "Whether a request with an unknown `x-user-oid` creates that user, as a member without limits of their own. Otherwise it is rejected.",
    ),
  max_created_users: z
    .int()
    .min(0)
    .max(1_000_000)
    .describe("How many users that exist at a time the app may have created."),
  ...limitFields,
  allowed_models: allowedModelsField.describe(
    "Names or aliases, within the organization's. Null: all models. Empty: none.",
  ),
  metadata: metadataField,
};

export type AppRow = Omit<typeof apps.$inferSelect, "secretHash" | "previousSecretHash" | "version">;

/** The columns of an `App`. */
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
  metadata: apps.metadata,
  disabled: apps.disabled,
  createUsers: apps.createUsers,
  maxCreatedUsers: apps.maxCreatedUsers,
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
    metadata: row.metadata,
    disabled: row.disabled,
    create_users: row.createUsers,
    max_created_users: row.maxCreatedUsers,
    created_at: row.createdAt.toISOString(),
    previous_secret_expires_at: graceRuns ? previousSecretExpiresAt.toISOString() : null,
  };
}

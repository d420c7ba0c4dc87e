import { z } from "zod";
import { EXTERNAL_ID } from "#lib/auth/external-id";
import { NewPassword } from "#lib/auth/password";
import { paymentStatus, role, users } from "#lib/db/schema/identity";
import { dateField, instantField, nameField } from "#lib/services/fields";
import { allowedModelsField } from "#lib/services/keys/key-fields";
import { Budget, limitFields, limitsOf, RateLimits } from "#lib/services/limits";
import { metadataField, shownMetadata } from "#lib/services/metadata";
import { paymentStatusToday } from "./payment-status";

/** A user in the shape of the API. */
export const User = z
  .object({
    id: z.uuid(),
    email: z.string().nullable().describe("Null for a user who is known by `external_id` only."),
    name: z.string().nullable(),
    external_id: z.string().nullable(),
    organization_id: z.uuid().nullable().describe("Null only for administrators of the whole installation."),
    role: z.enum(role.enumValues),
    has_account: z.boolean().describe("Whether a person can sign in as this user. If not, invite them."),
    budget: Budget.nullable(),
    rate_limits: RateLimits.nullable(),
    allowed_models: z.array(z.string()).nullable().describe("Null: all models. Empty: none."),
    metadata: shownMetadata,
    payment_valid_until: dateField.nullable(),
    payment_status: z.enum(paymentStatus.enumValues),
    created_at: instantField,
  })
  .meta({ id: "User" });
export type User = z.output<typeof User>;

/** The input fields of creating a user; an update takes any of them. */
export const userFields = {
  email: z
    .email("Enter an e-mail address.")
    .max(254, "At most 254 characters.")
    .nullable()
    .describe("Unique in the organization, ignoring case. May be null for a user with an `external_id`."),
  organization_id: z
    .uuid("Choose an organization.")
    .nullable()
    .describe("Null only for administrators of the whole installation."),
  external_id: z
    .string()
    .trim()
    .regex(EXTERNAL_ID, "Use 1 to 200 letters, digits and symbols: it is sent in a header.")
    .nullable()
    .describe("Identifies the user in `x-user-oid`. Unique in the organization."),
  name: nameField.nullable(),
  role: z.enum(role.enumValues),
  password: NewPassword.nullable().describe(
    "For signing in to the portal: only from administrators with a portal session, others invite the user. Only a hash is stored. A new password ends the user's other sessions.",
  ),
  payment_valid_until: dateField.nullable().describe("The last valid day in UTC. Null: never expires."),
  ...limitFields,
  allowed_models: allowedModelsField.describe(
    "Names or aliases, within the organization's. Narrows every key of the user, and apps that name the user, from the next request on. Null: all models. Empty: none.",
  ),
  metadata: metadataField,
};

/** The columns of a `User`, and its account. */
export const userColumns = {
  id: users.id,
  accountId: users.accountId,
  email: users.email,
  name: users.name,
  externalId: users.externalId,
  organizationId: users.organizationId,
  role: users.role,
  budgetLimitUsd: users.budgetLimitUsd,
  budgetPeriod: users.budgetPeriod,
  budgetSoftPercent: users.budgetSoftPercent,
  maxConcurrent: users.maxConcurrent,
  rateLimits: users.rateLimits,
  allowedModels: users.allowedModels,
  metadata: users.metadata,
  paymentValidUntil: users.paymentValidUntil,
  paymentStatus: paymentStatusToday,
  createdAt: users.createdAt,
};

export type UserRow = Pick<typeof users.$inferSelect, keyof typeof userColumns>;

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    external_id: row.externalId,
    organization_id: row.organizationId,
    role: row.role,
    has_account: row.accountId !== null,
    ...limitsOf(row),
    allowed_models: row.allowedModels,
    metadata: row.metadata,
    payment_valid_until: row.paymentValidUntil,
    payment_status: row.paymentStatus,
    created_at: row.createdAt.toISOString(),
  };
}

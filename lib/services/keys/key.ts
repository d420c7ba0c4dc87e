import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import type { apiKeys } from "#lib/db/schema/identity";
import { instantField, usdField } from "#lib/services/fields";
import { Budget, limitsOf, RateLimits } from "#lib/services/limits";
import { shownMetadata } from "#lib/services/metadata";
import { mayManageKey } from "./key-access";

const Named = z.object({ id: z.uuid(), name: z.string() });

/** An API key in the shape of the API, without its value. */
export const Key = z
  .object({
    id: z.uuid(),
    name: z.string(),
    key_prefix: z.string().describe("The first characters, to recognize the key."),
    status: z.enum(["active", "expired", "revoked"]),
    organization_id: z.uuid(),
    user_id: z.uuid().nullable().describe("Null: the key belongs to the organization as a whole."),
    organization: Named,
    user: Named.nullable(),
    budget: Budget.nullable(),
    rate_limits: RateLimits.nullable(),
    allowed_models: z.array(z.string()).nullable().describe("Null: all models. Empty: none."),
    allowed_ips: z.array(z.string()).nullable().describe("Null: all addresses. Empty: none."),
    provider_id: z.uuid().nullable().describe("Only this provider serves its requests."),
    tags: z.array(z.string()),
    metadata: shownMetadata,
    created_at: instantField,
    expires_at: instantField.nullable(),
    revoked_at: instantField.nullable(),
    last_used_at: instantField.nullable(),
    previous_key_expires_at: instantField
      .nullable()
      .describe("When the value from before the last rotation stops working; null if it no longer works."),
    spent_this_month_usd: usdField.describe("What its requests have cost in the current UTC month."),
    requests_this_month: z.int(),
    may_manage: z.boolean().describe("Whether the caller may update, rotate and revoke it."),
  })
  .meta({ id: "ApiKey" });
export type Key = z.output<typeof Key>;

/** A key with its value, which only this answer has. */
export const NewKey = Key.extend({
  key: z.string().describe("The key itself. Shown only once."),
}).meta({ id: "NewApiKey" });
export type NewKey = z.output<typeof NewKey>;

/** The row without its secrets and internal columns. */
export type KeyRow = Omit<
  typeof apiKeys.$inferSelect,
  "keyHash" | "previousKeyHash" | "version" | "createdBy"
>;

export type KeyStatus = Key["status"];

/** The settings of a key, without its usage: what the audit log keeps. */
export function keyRecord(row: KeyRow, now: Date) {
  const { previousKeyExpiresAt } = row;
  return {
    name: row.name,
    key_prefix: row.keyPrefix,
    organization_id: row.organizationId,
    user_id: row.userId,
    ...limitsOf(row),
    allowed_models: row.allowedModels,
    allowed_ips: row.allowedIps,
    provider_id: row.providerId,
    tags: row.tags,
    metadata: row.metadata,
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    previous_key_expires_at:
      previousKeyExpiresAt !== null && previousKeyExpiresAt > now ? previousKeyExpiresAt.toISOString() : null,
  };
}

/** The fields of a key from other tables. */
type KeySurroundings = {
  organizationName: string;
  userName: string | null;
  lastUsedAt: Date | null;
  spentThisMonthUsd: string;
  requestsThisMonth: number;
};

export function toKey(actor: Actor, row: KeyRow, around: KeySurroundings, now: Date): Key {
  return {
    id: row.id,
    ...keyRecord(row, now),
    status: keyStatus(row, now),
    organization: { id: row.organizationId, name: around.organizationName },
    user: row.userId === null ? null : { id: row.userId, name: around.userName ?? "" },
    created_at: row.createdAt.toISOString(),
    last_used_at: around.lastUsedAt?.toISOString() ?? null,
    spent_this_month_usd: around.spentThisMonthUsd,
    requests_this_month: around.requestsThisMonth,
    may_manage: mayManageKey(actor, row),
  };
}

export function keyStatus(key: { revokedAt: Date | null; expiresAt: Date | null }, now: Date): KeyStatus {
  if (key.revokedAt !== null) return "revoked";
  return key.expiresAt !== null && key.expiresAt <= now ? "expired" : "active";
}

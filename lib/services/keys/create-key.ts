import { inArray, or } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { knownPrefix, newApiKey } from "#lib/auth/api-key";
import { hashesOfKey } from "#lib/auth/key-hash";
import type { Tx } from "#lib/db/client";
import { apiKeys } from "#lib/db/schema/identity";
import { forbidden, ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { limitColumns } from "#lib/services/limits";
import { requireWithinLife } from "#lib/services/token-life";
import { verb } from "#lib/services/verb";
import { importedKeyField } from "./imported-key";
import { type Key, keyRecord, NewKey } from "./key";
import { readKeyBounds, requireRoomForKey, requireWithinBounds } from "./key-bounds";
import { keyFields, rangesOf, withoutRepeats } from "./key-fields";
import { resolveOwner } from "./key-owner";
import { requireProvider } from "./key-provider";
import { readKey } from "./key-rows";

export const CreateKeyInput = z.strictObject({
  name: keyFields.name,
  organization_id: z
    .uuid("Choose an organization.")
    .nullable()
    .optional()
    .describe("The owner of a key that belongs to no user. Defaults to your own."),
  user_id: z
    .uuid("Choose a user.")
    .nullable()
    .optional()
    .describe("The owner; the key's organization is then the user's."),
  budget: keyFields.budget,
  rate_limits: keyFields.rate_limits,
  allowed_models: keyFields.allowed_models.default(null),
  allowed_ips: keyFields.allowed_ips.default(null),
  provider_id: keyFields.provider_id.default(null),
  expires_at: keyFields.expires_at
    .refine((text) => text === null || new Date(text) > new Date(), "Choose a time in the future.")
    .default(null),
  tags: keyFields.tags.default([]),
  metadata: keyFields.metadata.default({}),
  key: importedKeyField
    .optional()
    .describe("An existing key to import instead of a generated one. Administrators only."),
});

/**
 * Creates a key within the bounds of its organization and user.
 * @throws ServiceError "not_found" for an owner or provider that the actor may not see, "forbidden" for a field
 * that the actor may not set, "invalid" for one that is wider than a bound or one key too many, "conflict" for an
 * imported key that is in use
 */
export const createKey = verb({
  role: "member",
  input: CreateKeyInput,
  output: NewKey,
  run: async (ctx, asked) => {
    const key = asked.key ?? newApiKey("live");
    const isImported = asked.key !== undefined;
    const created = await storeKey(ctx, asked, {
      hashes: hashesOfKey(ctx.hashSecret, key),
      prefix: knownPrefix(key),
      importedAs: isImported ? "key" : null,
    });
    return { ...created, key };
  },
});

type Asked = Omit<z.output<typeof CreateKeyInput>, "key">;

/** `hashes`: what may be stored of it, first what will be. `importedAs`: the field that an existing key came in. */
type Secret = {
  hashes: readonly [Buffer, ...Buffer[]];
  prefix: string;
  importedAs: "key" | "key_sha256" | null;
};

/**
 * Stores a new key or one that exists already.
 * @throws ServiceError as createKey
 */
export async function storeKey(ctx: ServiceContext, asked: Asked, secret: Secret): Promise<Key> {
  const { importedAs, hashes } = secret;
  requireMayAskFor(ctx.actor, asked, importedAs !== null);
  const expiresAt = asked.expires_at === null ? null : new Date(asked.expires_at);
  requireWithinLife(ctx.actor, expiresAt, "key");
  return ctx.db.transaction(async (tx) => {
    const owner = await resolveOwner(tx, ctx.actor, asked);
    await requireProvider(tx, asked.provider_id);
    const allowedModels = asked.allowed_models && withoutRepeats(asked.allowed_models);
    const allowedIps = asked.allowed_ips && rangesOf(asked.allowed_ips);
    const bounds = await readKeyBounds(tx, owner);
    await requireWithinBounds(tx, bounds, { allowedModels, allowedIps, expiresAt }, new Date());
    await requireRoomForKey(tx, owner, bounds, null);
    if (importedAs !== null && (await isInUse(tx, hashes))) throw keyInUse(importedAs);
    const [row] = await tx
      .insert(apiKeys)
      .values({
        ...owner,
        name: asked.name,
        keyHash: hashes[0],
        keyPrefix: secret.prefix,
        ...limitColumns(asked),
        allowedModels,
        allowedIps,
        providerId: asked.provider_id,
        expiresAt,
        tags: withoutRepeats(asked.tags),
        metadata: asked.metadata,
        createdBy: ctx.actor.kind === "user" ? ctx.actor.id : null,
      })
      .onConflictDoNothing({ target: apiKeys.keyHash })
      .returning();
    if (row === undefined) throw keyInUse(importedAs ?? "key");
    await recordAudit(tx, ctx, {
      action: "api_key.create",
      subjectType: "api_key",
      subjectId: row.id,
      organizationId: row.organizationId,
      after: { ...keyRecord(row, new Date()), ...(importedAs === null ? {} : { imported: true }) },
    });
    return readKey(tx, ctx.actor, row.id);
  });
}

function requireMayAskFor(actor: Actor, asked: Asked, isImported: boolean): void {
  if (actor.role === "admin") return;
  if (isImported) throw forbidden("Only administrators may import keys.");
  if (asked.provider_id !== null) throw forbidden("Only administrators may restrict a key to a provider.");
  if (actor.role === "member" && (asked.budget != null || asked.rate_limits != null)) {
    throw forbidden("Only your organization's administrators may set budgets and rate limits of keys.");
  }
  if (actor.role === "member" && Object.keys(asked.metadata).length > 0) {
    throw forbidden("Only your organization's administrators may set metadata of keys.");
  }
}

/** Whether a value is in use, also by a rotation's grace period. */
async function isInUse(tx: Tx, hashes: readonly Buffer[]): Promise<boolean> {
  const [used] = await tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(or(inArray(apiKeys.keyHash, [...hashes]), inArray(apiKeys.previousKeyHash, [...hashes])))
    .limit(1);
  return used !== undefined;
}

const keyInUse = (field: string) =>
  new ServiceError("conflict", "This key is already in use.", { [field]: "This key is already in use." });

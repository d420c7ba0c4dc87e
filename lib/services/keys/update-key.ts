import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import type { Tx } from "#lib/db/client";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { apiKeys } from "#lib/db/schema/identity";
import { forbidden } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { limitColumns } from "#lib/services/limits";
import { recordScopeUpdate } from "#lib/services/record-scope-update";
import { requireWithinLife } from "#lib/services/token-life";
import { verb } from "#lib/services/verb";
import { Key, type KeyRow, keyRecord, keyStatus } from "./key";
import { requireMayManageKey } from "./key-access";
import { readKeyBounds, requireRoomForKey, requireWithinBounds } from "./key-bounds";
import { keyFields, rangesOf, withoutRepeats } from "./key-fields";
import { requireProvider } from "./key-provider";
import { lockKey, readKey } from "./key-rows";

const UpdateKeyInput = z.strictObject({
  id: idField("key"),
  name: keyFields.name.optional(),
  budget: keyFields.budget,
  rate_limits: keyFields.rate_limits,
  allowed_models: keyFields.allowed_models.optional(),
  allowed_ips: keyFields.allowed_ips.optional(),
  provider_id: keyFields.provider_id.optional(),
  expires_at: keyFields.expires_at.optional().describe("A time in the past expires the key now."),
  tags: keyFields.tags.optional(),
  metadata: keyFields.metadata.optional(),
});

type Changes = Omit<z.output<typeof UpdateKeyInput>, "id">;
type KeyRecord = ReturnType<typeof keyRecord>;

/**
 * Updates the given fields, which take effect on the key's next request. A member may only rename and tag
 * their own keys.
 * @throws ServiceError "not_found", "forbidden", "invalid" for a change that is wider than a bound
 */
export const updateKey = verb({
  role: "member",
  input: UpdateKeyInput,
  output: Key,
  run: (ctx, { id, ...changes }) =>
    retryingTransaction(ctx.db, async (tx) => {
      const row = await lockKey(tx, ctx.actor, id);
      requireMayManageKey(ctx.actor, row, "update");
      const columns = columnsOf(changes);
      const now = new Date();
      const before = keyRecord(row, now);
      const after = keyRecord({ ...row, ...columns }, now);
      if (!isDeepStrictEqual(before, after)) {
        requireMayChange(ctx.actor, before, after);
        const expiresAt = columns.expiresAt === undefined ? row.expiresAt : columns.expiresAt;
        if (isLater(expiresAt, row.expiresAt)) requireWithinLife(ctx.actor, expiresAt, "key");
        await requireBounds(tx, row, columns, { before, after }, now);
        if (after.provider_id !== before.provider_id) await requireProvider(tx, after.provider_id);
        await tx.update(apiKeys).set(columns).where(eq(apiKeys.id, id));
        await recordScopeUpdate(tx, ctx, "api_key", row.organizationId, { row, columns, before, after });
      }
      return readKey(tx, ctx.actor, id);
    }),
});

/** Judges what changes, by the bounds of the key's organization and user. One that then works for longer counts again. */
async function requireBounds(
  tx: Tx,
  row: KeyRow,
  columns: Partial<KeyRow>,
  { before, after }: { before: KeyRecord; after: KeyRecord },
  now: Date,
): Promise<void> {
  const changes = (field: keyof KeyRecord) => !isDeepStrictEqual(before[field], after[field]);
  const bounds = await readKeyBounds(tx, row);
  const asked = {
    allowedModels: changes("allowed_models") ? columns.allowedModels : undefined,
    allowedIps: changes("allowed_ips") ? columns.allowedIps : undefined,
    expiresAt: changes("expires_at") ? columns.expiresAt : undefined,
  };
  await requireWithinBounds(tx, bounds, asked, now);
  const changed = { ...row, ...columns };
  const lastsLonger = isLater(changed.expiresAt, row.expiresAt) && keyStatus(changed, now) === "active";
  if (lastsLonger) await requireRoomForKey(tx, row, bounds, row.id);
}

/** Null is no end. */
const isLater = (end: Date | null, other: Date | null): boolean =>
  other !== null && (end === null || end > other);

function columnsOf(changes: Changes): Partial<KeyRow> {
  const { name, allowed_models, allowed_ips, provider_id, expires_at, tags, metadata, ...limits } = changes;
  return {
    ...(name === undefined ? {} : { name }),
    ...(allowed_models === undefined
      ? {}
      : { allowedModels: allowed_models && withoutRepeats(allowed_models) }),
    ...(allowed_ips === undefined ? {} : { allowedIps: allowed_ips && rangesOf(allowed_ips) }),
    ...(provider_id === undefined ? {} : { providerId: provider_id }),
    ...(expires_at === undefined ? {} : { expiresAt: expires_at === null ? null : new Date(expires_at) }),
    ...(tags === undefined ? {} : { tags: withoutRepeats(tags) }),
    ...(metadata === undefined ? {} : { metadata }),
    ...limitColumns(limits),
  };
}

/** Unchanged fields are allowed: a form sends all of its fields. */
function requireMayChange(actor: Actor, before: KeyRecord, after: KeyRecord): void {
  if (actor.role === "admin") return;
  if (before.provider_id !== after.provider_id) {
    throw forbidden("Only administrators may restrict a key to a provider.");
  }
  if (actor.role !== "member") return;
  if (!isDeepStrictEqual({ ...before, name: after.name, tags: after.tags }, after)) {
    throw forbidden(
      "You may only rename and tag your key. Ask your organization's administrators to change its other settings.",
    );
  }
}

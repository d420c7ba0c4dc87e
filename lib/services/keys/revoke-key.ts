import { eq } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { apiKeys } from "#lib/db/schema/identity";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { verb } from "#lib/services/verb";
import { KeyId } from "./get-key";
import { Key, keyRecord } from "./key";
import { requireMayManageKey } from "./key-access";
import { lockKey, readKey } from "./key-rows";

/**
 * Revokes a key and the value it was rotated from for good. The next request with either is rejected on every
 * replica, because the hold checks the database. Repeating it changes nothing.
 * @throws ServiceError "not_found" if there is none that the actor may see, "forbidden"
 */
export const revokeKey = verb({
  role: "member",
  input: KeyId,
  output: Key,
  run: async (ctx, { id }) => {
    return ctx.db.transaction(async (tx) => {
      const row = await lockKey(tx, ctx.actor, id);
      requireMayManageKey(ctx.actor, row, "revoke");
      await revokeLocked(tx, ctx, row);
      return readKey(tx, ctx.actor, id);
    });
  },
});

/** Revokes a key that the caller has locked, and may revoke. */
export async function revokeLocked(
  tx: Tx,
  ctx: ServiceContext,
  row: Awaited<ReturnType<typeof lockKey>>,
): Promise<void> {
  if (row.revokedAt !== null) return;
  const now = new Date();
  const columns = { revokedAt: now, previousKeyHash: null, previousKeyExpiresAt: null };
  await tx.update(apiKeys).set(columns).where(eq(apiKeys.id, row.id));
  await recordAudit(tx, ctx, {
    action: "api_key.revoke",
    subjectType: "api_key",
    subjectId: row.id,
    organizationId: row.organizationId,
    before: keyRecord(row, now),
    after: keyRecord({ ...row, ...columns }, now),
  });
}

import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { keyPrefix, newApiKey } from "#lib/auth/api-key";
import { hashOfKey } from "#lib/auth/key-hash";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { apiKeys } from "#lib/db/schema/identity";
import { ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { graceField, idField } from "#lib/services/fields";
import { requireSecretWithinLife } from "#lib/services/token-life";
import { verb } from "#lib/services/verb";
import { keyRecord, keyStatus, NewKey } from "./key";
import { requireMayManageKey } from "./key-access";
import { latestEnd, readKeyBounds, requireRoomForKey } from "./key-bounds";
import { lockKey, readKey } from "./key-rows";

/**
 * Creates a new value for a key. The old one works until the grace period ends; one from an earlier rotation
 * stops working at once. The key keeps its end, or ends by the organization's `max_days` from now if that is earlier.
 * @throws ServiceError "not_found" if there is none that the actor may see, "forbidden" (also for a key that outlives
 * the acting token), "conflict" for a key that is revoked or expired, "invalid" if its person has more keys than the
 * organization allows
 */
export const rotateKey = verb({
  role: "member",
  input: z.strictObject({ id: idField("key"), grace_seconds: graceField }),
  output: NewKey,
  run: async (ctx, { id, grace_seconds }) => {
    const secret = newApiKey("live");
    return retryingTransaction(ctx.db, async (tx) => {
      const row = await lockKey(tx, ctx.actor, id);
      requireMayManageKey(ctx.actor, row, "rotate");
      const now = new Date();
      const status = keyStatus(row, now);
      if (status !== "active") {
        throw new ServiceError("conflict", `This key is ${status} and cannot be rotated. Create a new one.`);
      }
      const bounds = await readKeyBounds(tx, row);
      await requireRoomForKey(tx, row, bounds, id);
      const expiresAt = earlier(row.expiresAt, latestEnd(bounds, now));
      requireSecretWithinLife(ctx.actor, expiresAt, "key");
      const [changed] = await tx
        .update(apiKeys)
        .set({
          keyHash: hashOfKey(ctx.hashSecret, secret),
          keyPrefix: keyPrefix(secret),
          expiresAt,
          previousKeyHash: grace_seconds === 0 ? null : row.keyHash,
          // By the database's clock, which the hold uses.
          previousKeyExpiresAt:
            grace_seconds === 0 ? null : sql`now() + make_interval(secs => ${grace_seconds})`,
        })
        .where(eq(apiKeys.id, id))
        .returning();
      if (changed === undefined) throw new Error("the locked key was not updated");
      await recordAudit(tx, ctx, {
        action: "api_key.rotate",
        subjectType: "api_key",
        subjectId: id,
        organizationId: row.organizationId,
        before: keyRecord(row, now),
        after: keyRecord(changed, now),
      });
      return { ...(await readKey(tx, ctx.actor, id)), key: secret };
    });
  },
});

/** Null is no end. */
function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

import "server-only";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { apiKeys } from "#lib/db/schema/identity";
import { forbidden, notFound } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { visibleTo } from "#lib/services/scope";
import { mayManageKey } from "./may-manage";

export const RevokeKeyInput = z.object({ id: z.uuid("is not a key's id") });

/**
 * Ends a key for good: the very next request with it is refused, on every replica, because the hold
 * asks the database. Doing it twice changes and audits nothing more.
 * @throws ServiceError "not_found" (none that the actor may see), "forbidden"
 */
export async function revokeKey(
  ctx: ServiceContext,
  input: z.input<typeof RevokeKeyInput>,
): Promise<{ id: string; revokedAt: string }> {
  const { id } = parseInput(RevokeKeyInput, input);
  return ctx.db.transaction(async (tx) => {
    const [key] = await tx
      .select({
        name: apiKeys.name,
        prefix: apiKeys.keyPrefix,
        organizationId: apiKeys.organizationId,
        userId: apiKeys.userId,
        revokedAt: apiKeys.revokedAt,
      })
      .from(apiKeys)
      .where(and(eq(apiKeys.id, id), visibleTo(ctx.actor, apiKeys)))
      .for("update");
    if (key === undefined) throw notFound("key");
    if (!mayManageKey(ctx.actor, key)) throw forbidden("You may look at this key, but not revoke it.");
    if (key.revokedAt !== null) return { id, revokedAt: key.revokedAt.toISOString() };
    const revokedAt = new Date();
    await tx.update(apiKeys).set({ revokedAt }).where(eq(apiKeys.id, id));
    await recordAudit(tx, ctx, {
      action: "api_key.revoke",
      subjectType: "api_key",
      subjectId: id,
      organizationId: key.organizationId,
      before: { name: key.name, prefix: key.prefix, revokedAt: null },
      after: { name: key.name, prefix: key.prefix, revokedAt: revokedAt.toISOString() },
    });
    return { id, revokedAt: revokedAt.toISOString() };
  });
}

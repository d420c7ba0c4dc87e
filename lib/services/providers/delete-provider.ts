import { and, asc, eq, isNotNull, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { apiKeys } from "#lib/db/schema/identity";
import { models, modelTargets, providers } from "#lib/db/schema/routing";
import { ServiceError } from "#lib/http/errors";
import { verb } from "#lib/services/verb";
import { ProviderId } from "./get-provider";
import { toProvider } from "./provider";
import { lockProvider } from "./read-provider";
import { recordRoutingAudit } from "./record-routing-audit";
import type { RoutingContext } from "./routing-context";

/**
 * Deletes an unused provider and audits it. Ledger rows keep its name.
 * @throws ServiceError "not_found", "conflict" while a model targets it or a key that is not revoked is
 * pinned to it
 */
export const deleteProvider = verb({
  role: "admin",
  input: ProviderId,
  output: z.void(),
  run: async (ctx: RoutingContext, { id }) =>
    ctx.db.transaction(async (tx) => {
      const before = toProvider(await lockProvider(tx, id));
      await rejectWhileUsed(tx, id, before.name);
      await tx
        .update(apiKeys)
        .set({ providerId: null })
        .where(and(eq(apiKeys.providerId, id), isNotNull(apiKeys.revokedAt)));
      await tx.delete(providers).where(eq(providers.id, id));
      await recordRoutingAudit(tx, ctx, "provider", "delete", { id, before });
    }),
});

async function rejectWhileUsed(tx: Tx, id: string, name: string): Promise<void> {
  const targeting = await tx
    .selectDistinct({ name: models.name })
    .from(modelTargets)
    .innerJoin(models, eq(models.id, modelTargets.modelId))
    .where(eq(modelTargets.providerId, id))
    .orderBy(asc(models.name));
  const pinned = await tx
    .select({ name: apiKeys.name, prefix: apiKeys.keyPrefix })
    .from(apiKeys)
    .where(and(eq(apiKeys.providerId, id), isNull(apiKeys.revokedAt)))
    .orderBy(asc(apiKeys.name), asc(apiKeys.id));
  const users = [
    ...list(
      "model",
      targeting.map((model) => model.name),
    ),
    ...list(
      "key",
      pinned.map((key) => `${key.name} (${key.prefix}…)`),
    ),
  ];
  if (users.length === 0) return;
  throw new ServiceError("conflict", `The provider "${name}" is still used by ${users.join(" and by ")}.`);
}

const MAX_NAMED = 5;

/** "the models a, b and 3 more"; empty if there are none. */
function list(noun: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length - MAX_NAMED;
  const shown = names.slice(0, MAX_NAMED).join(", ");
  return [`the ${noun}${names.length === 1 ? "" : "s"} ${shown}${rest > 0 ? ` and ${rest} more` : ""}`];
}

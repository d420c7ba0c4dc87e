import { and, asc, eq, isNotNull, isNull } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "#lib/db/client";
import { apiKeys } from "#lib/db/schema/identity";
import { models, modelTargets, providers } from "#lib/db/schema/routing";
import { ServiceError } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import { ProviderId } from "./get-provider";
import { toProvider } from "./provider";
import { lockProvider } from "./read-provider";
import { type RoutingContext, requireRoutingAdministrator } from "./routing-context";

/**
 * Deletes a provider that nothing uses; ledger rows keep its name. Audits it.
 * @throws ServiceError "not_found", "conflict" while a model targets it or a key that is not revoked is
 * pinned to it, "forbidden" for all but administrators
 */
export async function deleteProvider(ctx: RoutingContext, input: z.input<typeof ProviderId>): Promise<void> {
  requireRoutingAdministrator(ctx);
  const { id } = parseInput(ProviderId, input);
  await ctx.db.transaction(async (tx) => {
    const before = toProvider(await lockProvider(tx, id));
    await refuseWhileUsed(tx, id, before.name);
    await tx
      .update(apiKeys)
      .set({ providerId: null })
      .where(and(eq(apiKeys.providerId, id), isNotNull(apiKeys.revokedAt)));
    await tx.delete(providers).where(eq(providers.id, id));
    await recordAudit(tx, ctx, {
      action: "provider.delete",
      subjectType: "provider",
      subjectId: id,
      organizationId: null,
      before,
    });
  });
}

async function refuseWhileUsed(tx: Tx, id: string, name: string): Promise<void> {
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

const MOST_NAMED = 5;

/** "the models a, b and 3 more"; nothing for none. */
function list(noun: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length - MOST_NAMED;
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return [`the ${noun}${names.length === 1 ? "" : "s"} ${shown}${rest > 0 ? ` and ${rest} more` : ""}`];
}

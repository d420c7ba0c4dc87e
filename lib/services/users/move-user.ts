import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { counters } from "#lib/db/schema/credit";
import { formerNames } from "#lib/db/schema/former-names";
import { apiKeys } from "#lib/db/schema/identity";
import { endTokensOf } from "#lib/services/admin-tokens/end-tokens";
import { rebuildBucket } from "#lib/services/usage/move-bucket";
import { runningPeriod } from "#lib/services/usage/scope-usage";
import { type MovedKeys, moveKeys } from "./move-keys";
import type { UserRow } from "./user";

/** What moved along, and the ids of the admin tokens that ended. */
type Departure = { keys: MovedKeys; tokens: string[] };

/**
 * Does what must happen before a user's row gets another organization: the old one keeps the names that its ledger
 * shows, its admin tokens end, and the keys move along.
 * @param to null for an administrator of the installation
 * @throws ServiceError as `moveKeys`
 */
export async function leaveOrganization(tx: Tx, user: UserRow, to: string | null): Promise<Departure> {
  await keepNames(tx, user);
  return {
    keys: await moveKeys(tx, user.id, to),
    tokens: to === null ? [] : await endTokensOf(tx, user.id, to),
  };
}

async function keepNames(tx: Tx, { id, organizationId, name, email, externalId }: UserRow): Promise<void> {
  if (organizationId === null) return;
  const keys = await tx
    .select({ subjectId: apiKeys.id, name: apiKeys.name, keyPrefix: apiKeys.keyPrefix })
    .from(apiKeys)
    .where(eq(apiKeys.userId, id))
    .for("update");
  const names = [
    { organizationId, subjectId: id, name: name ?? email ?? externalId ?? "", email, keyPrefix: null },
    ...keys.map((key) => ({ organizationId, ...key, email: null })),
  ];
  await tx
    .insert(formerNames)
    .values(names)
    .onConflictDoUpdate({
      target: [formerNames.organizationId, formerNames.subjectId],
      set: { name: sql`excluded.name`, email: sql`excluded.email`, keyPrefix: sql`excluded.key_prefix` },
    });
}

/**
 * Takes what was spent in another organization out of the running buckets of a user who has moved and of their keys.
 * A budget that stays as it was keeps counting it until its period ends: else a move would be a refund.
 * Call it as the last step of the change's transaction, like `moveBucket`.
 */
export async function leaveSpend(tx: Tx, before: UserRow, after: UserRow): Promise<void> {
  const period = runningPeriod(after);
  const hadBudget = before.budgetLimitUsd !== null && runningPeriod(before) === period;
  if (!hadBudget || after.budgetLimitUsd === null)
    await rebuildBucket(tx, { type: "user", id: after.id }, period);
  const spent = await tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .innerJoin(
      counters,
      and(
        eq(counters.scopeId, apiKeys.id),
        eq(counters.period, "month"),
        eq(counters.periodStart, sql`tollgate_period_start('month', statement_timestamp())`),
      ),
    )
    .where(
      and(
        eq(apiKeys.userId, after.id),
        isNull(apiKeys.budgetLimitUsd),
        sql`(${counters.spentUsd}, ${counters.openHolds}) <> (0, 0)`,
      ),
    )
    .orderBy(apiKeys.id);
  for (const { id } of spent) await rebuildBucket(tx, { type: "api_key", id }, "month");
}

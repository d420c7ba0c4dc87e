import { and, eq, getTableColumns, gte, inArray, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { ledger, ledgerState } from "#lib/db/schema/credit";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { usageDays, usageGroups, usagePending, usageQuarters } from "#lib/db/schema/usage";
import { notFound } from "#lib/http/errors";
import { createdMicros, newestFirst } from "#lib/services/created-page";
import { visibleTo } from "#lib/services/scope";
import { isOnlyInLedger, isRolledUp } from "#lib/services/usage/rolled-up";
import { usdText } from "#lib/services/usd-text";
import { userName } from "#lib/services/users/user-name";
import { type Key, type KeyRow, toKey } from "./key";

const {
  keyHash: _,
  previousKeyHash: __,
  version: ___,
  createdBy: ____,
  ...keyColumns
} = getTableColumns(apiKeys);

type ShownRow = KeyRow & {
  organizationName: string;
  userName: string | null;
  lastUsedAt: Date | null;
  createdMicros: string;
};

/** The keys that an actor may see, newest first. */
export function selectKeys(
  db: Db | Tx,
  actor: Actor,
  condition: SQL | undefined,
  limit: number,
): Promise<ShownRow[]> {
  return db
    .select({
      ...keyColumns,
      organizationName: organizations.name,
      userName: userName,
      lastUsedAt: lastUsedAt(),
      createdMicros: createdMicros(apiKeys),
    })
    .from(apiKeys)
    .innerJoin(organizations, eq(organizations.id, apiKeys.organizationId))
    .leftJoin(users, eq(users.id, apiKeys.userId))
    .where(and(visibleTo(actor, apiKeys), condition))
    .orderBy(...newestFirst(apiKeys))
    .limit(limit);
}

/** Turns rows into keys, with their usage of the current month. */
export async function toKeys(
  db: Db | Tx,
  actor: Actor,
  rows: readonly ShownRow[],
  now: Date,
): Promise<Key[]> {
  const used = await usedThisMonth(db, rows, now);
  return rows.map((row) => {
    const { costUsd = null, requests = "0" } = used.get(row.id) ?? {};
    const around = { ...row, spentThisMonthUsd: usdText(costUsd), requestsThisMonth: Number(requests) };
    return toKey(actor, row, around, now);
  });
}

/** @throws ServiceError "not_found" if there is none that the actor may see */
export async function readKey(db: Db | Tx, actor: Actor, id: string): Promise<Key> {
  const rows = await selectKeys(db, actor, eq(apiKeys.id, id), 1);
  const [key] = await toKeys(db, actor, rows, new Date());
  if (key === undefined) throw notFound("key");
  return key;
}

/**
 * A key's row, locked for a change.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export async function lockKey(tx: Tx, actor: Actor, id: string) {
  const [row] = await tx
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), visibleTo(actor, apiKeys)))
    .for("update");
  if (row === undefined) throw notFound("key");
  return row;
}

/**
 * In its organization: of a key that has moved, earlier use is another one's. By index, reading the ledger only from the
 * key's last quarter hour in the rollup on, so that it skips few rows of another organization. If retention has removed
 * those of this one, the rollup still has the quarter hour of the last. An hour of tolerance: ids have the gateway's clock.
 */
const lastUsedAt = () =>
  sql<Date | null>`coalesce(
    (select ${ledger.createdAt} from ${ledger}
      where ${ledger.apiKeyId} = ${apiKeys.id} and ${ledger.organizationId} = ${apiKeys.organizationId}
        and ${ledger.status} <> 'adjustment' and ${ledger.id} >= coalesce((
          select tollgate_id_floor(max(last.at) - interval '1 hour') ${lastOfGroups}
          where ${usageGroups.apiKeyId} = ${apiKeys.id}), '00000000-0000-0000-0000-000000000000')
      order by ${ledger.id} desc limit 1),
    (select max(last.at) ${lastOfGroups}
      where ${usageGroups.apiKeyId} = ${apiKeys.id} and ${usageGroups.organizationId} = ${apiKeys.organizationId})
  )`.mapWith(ledger.createdAt);

/** One look-up for each model of a key. */
const lastOfGroups = sql`from ${usageGroups} cross join lateral (
  select max(${usageQuarters.at}) as at from ${usageQuarters} where ${eq(usageQuarters.groupId, usageGroups.id)}) last`;

async function usedThisMonth(
  db: Db | Tx,
  rows: readonly ShownRow[],
  now: Date,
): Promise<Map<string, { costUsd: string; requests: string }>> {
  if (rows.length === 0) return new Map();
  const ids = rows.map((row) => row.id);
  const start = startOfMonth(now);
  const sums = await db.execute<KeySums>(sql`
    select api_key_id, organization_id, sum(cost_usd) as cost_usd, sum(requests) as requests
    from (
      select api_key_id, organization_id, cost_usd, requests
      from ${usageGroups} join ${usageDays} on ${eq(usageDays.groupId, usageGroups.id)}
      where ${and(eq(usageGroups.cut, "owner"), inArray(usageGroups.apiKeyId, ids), gte(usageDays.day, start.toISOString().slice(0, 10)))}
      union all
      select api_key_id, organization_id, cost_usd, requests
      from ${usagePending}, ${ledgerState}
      where ${and(inArray(usagePending.apiKeyId, ids), gte(usagePending.at, start), isRolledUp(usagePending.at))}
      union all
      select api_key_id, organization_id, cost_usd, 1 from ${ledger}, ${ledgerState}
      where ${and(inArray(ledger.apiKeyId, ids), isOnlyInLedger(sql`${start.toISOString()}::timestamptz`, sql`null`))}
    ) used
    group by api_key_id, organization_id`);
  // Of a key that has moved, the usage elsewhere is another organization's.
  const organizationOf = new Map(rows.map((row) => [row.id, row.organizationId]));
  const own = [...sums].filter((sum) => organizationOf.get(sum.api_key_id) === sum.organization_id);
  return new Map(own.map((sum) => [sum.api_key_id, { costUsd: sum.cost_usd, requests: sum.requests }]));
}

type KeySums = { api_key_id: string; organization_id: string; cost_usd: string; requests: string };

const startOfMonth = (now: Date) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));

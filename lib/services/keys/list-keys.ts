import "server-only";
import { and, desc, eq, gte, ilike, lte, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { ledger, usageHourly } from "#lib/db/schema/credit";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { type Page, pageQuery, toPage } from "#lib/services/page";
import { visibleTo } from "#lib/services/scope";
import { usdText } from "#lib/services/usd-text";
import { type KeySummary, keyStatus } from "./key-summary";
import { mayManageKey } from "./may-manage";

const ListKeysQuery = z.object({
  status: z.enum(["all", "active", "expired", "revoked"]).default("all"),
  search: z.string().trim().max(100).optional(),
  ...pageQuery,
});

/**
 * The keys that the actor may see, newest first, with what they have been used for.
 * @throws ServiceError "invalid"
 */
export async function listKeys(
  ctx: ServiceContext,
  query: z.input<typeof ListKeysQuery> = {},
): Promise<Page<KeySummary>> {
  const { status, search, limit, cursor } = parseInput(ListKeysQuery, query);
  const now = new Date();
  const thisMonth = ctx.db
    .select({
      apiKeyId: usageHourly.apiKeyId,
      costUsd: sql<string>`sum(${usageHourly.costUsd})`.as("month_cost_usd"),
      requests: sql<string>`sum(${usageHourly.requests})`.as("month_requests"),
    })
    .from(usageHourly)
    .where(and(visibleTo(ctx.actor, usageHourly), gte(usageHourly.hour, startOfMonth(now))))
    .groupBy(usageHourly.apiKeyId)
    .as("this_month");
  const rows = await ctx.db
    .select({
      id: apiKeys.id,
      name: apiKeys.name,
      prefix: apiKeys.keyPrefix,
      organizationId: apiKeys.organizationId,
      organizationName: organizations.name,
      userId: apiKeys.userId,
      userName: sql<string | null>`coalesce(${users.name}, ${users.email})`,
      allowedModels: apiKeys.allowedModels,
      createdAt: apiKeys.createdAt,
      expiresAt: apiKeys.expiresAt,
      revokedAt: apiKeys.revokedAt,
      lastUsedAt: lastUsedAt(),
      costUsd: thisMonth.costUsd,
      requests: thisMonth.requests,
    })
    .from(apiKeys)
    .innerJoin(organizations, eq(organizations.id, apiKeys.organizationId))
    .leftJoin(users, eq(users.id, apiKeys.userId))
    .leftJoin(thisMonth, eq(thisMonth.apiKeyId, apiKeys.id))
    .where(and(visibleTo(ctx.actor, apiKeys), hasStatus(status, now), matches(search), isAfter(cursor)))
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(limit + 1);
  return toPage(rows, limit, (row) => ({
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    status: keyStatus(row, now),
    organization: { id: row.organizationId, name: row.organizationName },
    owner: row.userId === null ? null : { id: row.userId, name: row.userName ?? "" },
    allowedModels: row.allowedModels,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    spentThisMonthUsd: usdText(row.costUsd),
    requestsThisMonth: Number(row.requests ?? 0),
    mayRevoke: row.revokedAt === null && mayManageKey(ctx.actor, row),
  }));
}

/** By index (api_key_id, id): one row read per key, however many it has. */
const lastUsedAt = () =>
  sql<Date | null>`(select ${ledger.createdAt} from ${ledger}
    where ${ledger.apiKeyId} = ${apiKeys.id} and ${ledger.status} <> 'adjustment'
    order by ${ledger.id} desc limit 1)`.mapWith(ledger.createdAt);

function hasStatus(status: "all" | KeySummary["status"], now: Date): SQL | undefined {
  if (status === "all") return undefined;
  if (status === "revoked") return sql`${apiKeys.revokedAt} is not null`;
  const expired = lte(apiKeys.expiresAt, now);
  const inForce = sql`${apiKeys.revokedAt} is null`;
  return status === "expired" ? and(inForce, expired) : and(inForce, sql`(${expired}) is not true`);
}

function matches(search: string | undefined): SQL | undefined {
  if (!search) return undefined;
  const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  return or(ilike(apiKeys.name, pattern), ilike(apiKeys.keyPrefix, pattern));
}

/** The cursor's own row is looked up, since a JavaScript date is coarser than the column's microseconds. */
const isAfter = (cursor: string | undefined) =>
  cursor === undefined
    ? undefined
    : sql`(${apiKeys.createdAt}, ${apiKeys.id}) < (select c.created_at, c.id from ${apiKeys} c where c.id = ${cursor})`;

const startOfMonth = (now: Date) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));

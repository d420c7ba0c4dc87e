import { and, asc, desc, eq, gt, isNull, lte, sql } from "drizzle-orm";
import { ledger } from "#lib/db/schema/credit";
import { apiKeys, users } from "#lib/db/schema/identity";
import { providers, targetStates } from "#lib/db/schema/routing";
import type { ServiceContext } from "#lib/services/context";
import { DAYS_AHEAD } from "#lib/services/events/raise-expiring-events";
import { createdWithin } from "#lib/services/requests/created-within";
import { visibleTo } from "#lib/services/scope";
import { usdText } from "#lib/services/usd-text";
import { paymentEndsWithin } from "#lib/services/users/payment-status";
import { visibleUsers } from "#lib/services/users/user-access";

/** Some, and how many there are in all. */
type Some<T> = { shown: T[]; total: number };

export type NeedsAttention = {
  /** Models at providers that are down, the last ones first; only administrators see any. */
  downTargets: Some<{ providerId: string; provider: string; upstreamModel: string; since: string }>;
  /** Keys that expire within a week, the next ones first. */
  expiringKeys: Some<{ id: string; name: string; expiresAt: string }>;
  /** Users whose payment ends within a week. */
  paymentsEnding: number;
  /** Of the newest requests of the last 24 hours. */
  requests: {
    /** Charged by estimate, since the gateway that served them stopped. */
    swept: number;
    /** They cost more than was held for them. */
    overruns: { requests: number; usd: string };
    /** The provider says that they cost more than was charged. */
    drift: { requests: number; usd: string };
  };
};

const MOST_SHOWN = 3;
const DAY_MS = 86_400_000;
/** Bounds what is read of a busy gateway; as many as a busy one serves in minutes. */
const NEWEST_ROWS = 5_000;

/** What needs a look, of what the actor sees. Each part costs a few milliseconds, whatever the size of the ledger. */
export async function needsAttention(ctx: ServiceContext, now = new Date()): Promise<NeedsAttention> {
  const [downTargets, expiringKeys, paymentsEnding, requests] = await Promise.all([
    readDownTargets(ctx),
    readExpiringKeys(ctx),
    ctx.db.$count(users, and(visibleUsers(ctx.actor), paymentEndsWithin(DAYS_AHEAD))),
    readRequests(ctx, now),
  ]);
  return { downTargets, expiringKeys, paymentsEnding, requests };
}

const total = sql<number>`(count(*) over ())::int`;

const someOf = <T extends { total: number }, R>(rows: readonly T[], toShown: (row: T) => R): Some<R> => ({
  shown: rows.map(toShown),
  total: rows[0]?.total ?? 0,
});

async function readDownTargets({ db, actor }: ServiceContext): Promise<NeedsAttention["downTargets"]> {
  if (actor.role !== "admin") return { shown: [], total: 0 };
  const { upstreamModel } = targetStates;
  const openedAt = sql<Date>`min(${targetStates.openedAt})`.mapWith(targetStates.openedAt);
  const rows = await db
    .select({ providerId: providers.id, provider: providers.name, upstreamModel, openedAt, total })
    .from(targetStates)
    .innerJoin(providers, eq(providers.id, targetStates.providerId))
    .where(and(isNull(targetStates.closedAt), providers.enabled))
    .groupBy(providers.id, upstreamModel)
    .orderBy(desc(openedAt), asc(upstreamModel))
    .limit(MOST_SHOWN);
  return someOf(rows, ({ total: _, openedAt: at, ...target }) => ({ ...target, since: at.toISOString() }));
}

async function readExpiringKeys({ db, actor }: ServiceContext): Promise<NeedsAttention["expiringKeys"]> {
  const { id, name, expiresAt } = apiKeys;
  const rows = await db
    .select({ id, name, expiresAt: sql<Date>`${expiresAt}`.mapWith(expiresAt), total })
    .from(apiKeys)
    .where(
      and(
        visibleTo(actor, apiKeys),
        isNull(apiKeys.revokedAt),
        gt(expiresAt, sql`now()`),
        lte(expiresAt, sql`now() + make_interval(days => ${DAYS_AHEAD}::int)`),
      ),
    )
    .orderBy(asc(expiresAt), asc(id))
    .limit(MOST_SHOWN);
  return someOf(rows, ({ total: _, expiresAt: at, ...key }) => ({ ...key, expiresAt: at.toISOString() }));
}

async function readRequests({ db, actor }: ServiceContext, now: Date): Promise<NeedsAttention["requests"]> {
  const { status, overrunUsd, costUsd, providerCostUsd } = ledger;
  const newest = db
    .select({ status, overrunUsd, costUsd, providerCostUsd })
    .from(ledger)
    .where(and(visibleTo(actor, ledger), createdWithin(new Date(now.getTime() - DAY_MS), undefined)))
    .orderBy(desc(ledger.id))
    .limit(NEWEST_ROWS)
    .as("newest");
  const isOver = sql`${newest.overrunUsd} > 0`;
  const isDearer = sql`${newest.providerCostUsd} > ${newest.costUsd}`;
  const [row] = await db
    .select({
      swept: sql<number>`(count(*) filter (where ${newest.status} = 'swept'))::int`,
      overruns: sql<number>`(count(*) filter (where ${isOver}))::int`,
      overrunUsd: sql<string | null>`sum(${newest.overrunUsd}) filter (where ${isOver})`,
      drift: sql<number>`(count(*) filter (where ${isDearer}))::int`,
      driftUsd: sql<
        string | null
      >`sum(${newest.providerCostUsd} - ${newest.costUsd}) filter (where ${isDearer})`,
    })
    .from(newest);
  return {
    swept: row?.swept ?? 0,
    overruns: { requests: row?.overruns ?? 0, usd: usdText(row?.overrunUsd ?? "0") },
    drift: { requests: row?.drift ?? 0, usd: usdText(row?.driftUsd ?? "0") },
  };
}

import { and, avg, count, desc, eq, gt, isNotNull, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { ledger, ledgerState } from "#lib/db/schema/credit";
import { formerNames } from "#lib/db/schema/former-names";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { usagePending, usageTotals } from "#lib/db/schema/usage";
import type { ServiceContext } from "#lib/services/context";
import { instantField, usdField } from "#lib/services/fields";
import { usdText } from "#lib/services/usd-text";
import { verb } from "#lib/services/verb";

const wholeNumber = z.int().min(0);

const TopUser = z.object({
  user_id: z.uuid(),
  email: z
    .string()
    .nullable()
    .describe("Null if the user was deleted. Of one who has left the organization: the one at that time."),
  external_id: z
    .string()
    .nullable()
    .describe("Null if the user has none, was deleted, or has left the organization."),
  cost_usd: z.string(),
  requests: wholeNumber,
});

/** The metrics of the installation or of one organization. Amounts are in US dollars. */
const Metrics = z
  .object({
    total_requests: wholeNumber.describe("All requests that have ended, since the installation."),
    total_cost_usd: usdField.describe("Of all of them, without adjustments."),
    requests_by_provider: z
      .record(z.string(), wholeNumber)
      .describe("`none` counts requests without a provider."),
    average_response_ms: z.number().min(0).describe("Over the latest 1000 requests; 0 without any."),
    uptime_seconds: wholeNumber.describe("Of the process that serves this request."),
    users: wholeNumber,
    organizations: wholeNumber,
    api_keys: z.object({
      active: wholeNumber.describe("Neither revoked nor expired."),
      revoked: wholeNumber,
      total: wholeNumber,
    }),
    top_users: z.array(TopUser).describe("The ten with the most cost."),
    top_users_by_requests: z.array(TopUser).describe("The ten with the most requests."),
    last_updated: instantField,
    complete_from: instantField
      .nullable()
      .describe(
        "Null if all of it is complete. Else, for some minutes after an upgrade, sums lack requests from before this time.",
      ),
  })
  .meta({ id: "Metrics" });
type Metrics = z.output<typeof Metrics>;

const TOP_USERS = 10;
const RECENT_REQUESTS = 1000;

/**
 * Returns the metrics of the installation to an administrator, and those of the organization to its admin.
 * @throws ServiceError "forbidden" for other roles
 */
export const readMetrics = verb({
  role: "org_admin",
  input: z.strictObject({}),
  output: Metrics,
  run: async ({ db, actor }) => {
    const of = scopeOf(actor.role === "admin" ? null : actor.organizationId);
    const [used, average, people, tenants, keys, byCost, byRequests, completeFrom] = await Promise.all([
      readUsageByProvider(db, of),
      readAverageMs(db, of),
      db.select({ total: count() }).from(users).where(of(users.organizationId)),
      db.select({ total: count() }).from(organizations).where(of(organizations.id)),
      readKeyCounts(db, of),
      readTopUsers(db, of, "costUsd"),
      readTopUsers(db, of, "requests"),
      readCompleteFrom(db),
    ]);
    return {
      total_requests: Object.values(used.requests).reduce((sum, requests) => sum + requests, 0),
      total_cost_usd: used.costUsd,
      requests_by_provider: used.requests,
      average_response_ms: average,
      uptime_seconds: Math.floor(process.uptime()),
      users: people[0]?.total ?? 0,
      organizations: tenants[0]?.total ?? 0,
      api_keys: keys,
      top_users: byCost,
      top_users_by_requests: byRequests,
      last_updated: new Date().toISOString(),
      complete_from: completeFrom,
    };
  },
});

/** Null once all that the ledger has kept is in the totals. */
async function readCompleteFrom(db: ServiceContext["db"]): Promise<string | null> {
  const { rolledUpFrom, keptFrom } = ledgerState;
  const [state] = await db.select({ rolledUpFrom }).from(ledgerState).where(gt(rolledUpFrom, keptFrom));
  return state?.rolledUpFrom.toISOString() ?? null;
}

type OrganizationColumn =
  | typeof users.organizationId
  | typeof organizations.id
  | typeof apiKeys.organizationId
  | typeof usageTotals.organizationId
  | typeof usagePending.organizationId
  | typeof ledger.organizationId
  | typeof formerNames.organizationId;
type Scope = (column: OrganizationColumn) => SQL | undefined;

const scopeOf =
  (organizationId: string | null): Scope =>
  (column) =>
    organizationId === null ? undefined : sql`${column} = ${organizationId}`;

/** All usage since the installation: the totals, and what is pending for them. */
const allUsage = (db: ServiceContext["db"], of: Scope) =>
  db
    .select(figuresOf(usageTotals))
    .from(usageTotals)
    .where(of(usageTotals.organizationId))
    .unionAll(db.select(figuresOf(usagePending)).from(usagePending).where(of(usagePending.organizationId)))
    .as("used");

const figuresOf = (columns: typeof usageTotals | typeof usagePending) => ({
  userId: sql<string | null>`${columns.userId}`.as("user_id"),
  provider: sql<string | null>`${columns.provider}`.as("provider"),
  requests: sql<string>`${columns.requests}`.as("requests"),
  costUsd: sql<string>`${columns.costUsd}`.as("cost_usd"),
});

async function readUsageByProvider(db: ServiceContext["db"], of: Scope) {
  const used = allUsage(db, of);
  const rows = await db
    .select({
      provider: sql<string>`coalesce(${used.provider}, 'none')`,
      requests: sql<string>`sum(${used.requests})`,
      costUsd: sql<string>`sum(${used.costUsd})`,
    })
    .from(used)
    .groupBy(sql`1`)
    .having(sql`sum(${used.requests}) <> 0`);
  return {
    requests: Object.fromEntries(rows.map(({ provider, requests }) => [provider, Number(requests)])),
    costUsd: formatUsd(rows.reduce((sum, { costUsd }) => sum + parseUsd(costUsd), 0n)),
  };
}

/** Reads a bounded number of rows by an index, whatever the size of the ledger. */
async function readAverageMs(db: ServiceContext["db"], of: Scope): Promise<number> {
  const recent = db
    .select({ latencyMs: ledger.latencyMs })
    .from(ledger)
    .where(and(of(ledger.organizationId), isNotNull(ledger.latencyMs)))
    .orderBy(desc(ledger.id))
    .limit(RECENT_REQUESTS)
    .as("recent");
  const [row] = await db.select({ average: avg(recent.latencyMs) }).from(recent);
  return Math.round(Number(row?.average ?? 0) * 10) / 10;
}

async function readKeyCounts(db: ServiceContext["db"], of: Scope): Promise<Metrics["api_keys"]> {
  const revoked = sql`${apiKeys.revokedAt} is not null`;
  const [row] = await db
    .select({
      active: sql<string>`count(*) filter (where not ${revoked} and (${apiKeys.expiresAt} <= now()) is not true)`,
      revoked: sql<string>`count(*) filter (where ${revoked})`,
      total: sql<string>`count(*)`,
    })
    .from(apiKeys)
    .where(of(apiKeys.organizationId));
  return {
    active: Number(row?.active ?? 0),
    revoked: Number(row?.revoked ?? 0),
    total: Number(row?.total ?? 0),
  };
}

/** The users with the most cost or requests. */
async function readTopUsers(
  db: ServiceContext["db"],
  of: Scope,
  by: "costUsd" | "requests",
): Promise<Metrics["top_users"]> {
  const used = allUsage(db, of);
  const spent = db
    .select({
      userId: sql<string | null>`${used.userId}`.as("user_id"),
      costUsd: sql<string>`sum(${used.costUsd})`.as("cost_usd_sum"),
      requests: sql<string>`sum(${used.requests})`.as("requests_sum"),
    })
    .from(used)
    .where(isNotNull(used.userId))
    .groupBy(used.userId)
    .orderBy(sql.raw(by === "costUsd" ? "2 desc, 1" : "3 desc, 1"))
    .limit(TOP_USERS)
    .as("spent");
  const former = and(eq(formerNames.subjectId, spent.userId), of(formerNames.organizationId));
  const email = sql<
    string | null
  >`coalesce(${users.email}, (select ${formerNames.email} from ${formerNames} where ${former} limit 1))`;
  const rows = await db
    .select({
      userId: spent.userId,
      email,
      externalId: users.externalId,
      costUsd: spent.costUsd,
      requests: spent.requests,
    })
    .from(spent)
    .leftJoin(users, and(eq(users.id, spent.userId), of(users.organizationId)))
    .orderBy(desc(spent[by]), spent.userId);
  return rows.flatMap(({ userId, email, externalId, costUsd, requests }) =>
    userId === null
      ? []
      : [
          {
            user_id: userId,
            email,
            external_id: externalId,
            cost_usd: usdText(costUsd),
            requests: Number(requests),
          },
        ],
  );
}

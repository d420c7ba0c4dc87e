import { and, desc, eq, gte, max, type SQL, sql, sum } from "drizzle-orm";
import { z } from "zod";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { type LastRejection, rejectionsHourly } from "#lib/db/schema/rejections";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { textField } from "#lib/services/fields";
import {
  joinsRejected,
  kindColumns,
  type RejectedRequest,
  type Rejection,
  rejectionNames,
  toCount,
  toKind,
  toRejectedRequest,
} from "#lib/services/rejections/rejection";
import { visibleTo } from "#lib/services/scope";

const HOURS = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 } as const;
const REJECTION_RANGES = ["1h", "24h", "7d", "30d"] as const satisfies readonly (keyof typeof HOURS)[];

const Query = z.strictObject({
  range: z.enum(REJECTION_RANGES).default("24h"),
  organization_id: z.uuid().optional(),
  code: textField(100).min(1).optional(),
});

/** Rejections of one kind over the whole window. */
export type RejectionSum = Omit<Rejection, "id" | "hour" | "last_request_ids"> & {
  /** Of the latest hour that kept any, latest first. */
  last_requests: RejectedRequest[];
};

export type RejectionSummary = {
  /** The start of the window. */
  from: string;
  /** Who, why and how often: the 100 most frequent kinds. */
  groups: RejectionSum[];
  /** Over all kinds, also those not in `groups`. */
  total: number;
  /** Counts for every code, the most frequent first, whatever the `code` filter. */
  byCode: { code: string; count: number }[];
};

const MOST_SHOWN = 100;
const HOUR_MS = 3_600_000;

/**
 * Sums who was rejected, why and how often over the last hours, as far as the actor may see it.
 * @param now the end of the window, for tests
 * @throws ServiceError "invalid"
 */
export async function summarizeRejections(
  ctx: ServiceContext,
  query: z.input<typeof Query> = {},
  now: Date = new Date(),
): Promise<RejectionSummary> {
  const { range, organization_id, code } = parseInput(Query, query);
  // Whole hours: the current one and as many before it.
  const from = new Date(Math.floor(now.getTime() / HOUR_MS - HOURS[range]) * HOUR_MS);
  const within = and(
    visibleTo(ctx.actor, rejectionsHourly),
    gte(rejectionsHourly.hour, from),
    organization_id === undefined ? undefined : eq(rejectionsHourly.organizationId, organization_id),
  );
  const [byCode, groups] = await Promise.all([
    readByCode(ctx, within),
    readGroups(ctx, and(within, code === undefined ? undefined : eq(rejectionsHourly.code, code))),
  ]);
  const counted = code === undefined ? byCode : byCode.filter((row) => row.code === code);
  return {
    from: from.toISOString(),
    groups,
    byCode,
    total: counted.reduce((total, { count }) => total + count, 0),
  };
}

const count = sum(rejectionsHourly.rejections).mapWith(Number);

function readByCode({ db }: ServiceContext, within: SQL | undefined): Promise<RejectionSummary["byCode"]> {
  return db
    .select({ code: rejectionsHourly.code, count })
    .from(rejectionsHourly)
    .where(within)
    .groupBy(rejectionsHourly.code)
    .orderBy(desc(count), rejectionsHourly.code);
}

async function readGroups({ db }: ServiceContext, within: SQL | undefined): Promise<RejectionSum[]> {
  const { lastRequests } = rejectionsHourly;
  const groupedBy = [...Object.values(kindColumns), rejectionsHourly.keyPrefix];
  const rows = await db
    .select({
      ...kindColumns,
      count,
      lastAt: sql<Date>`${max(rejectionsHourly.lastAt)}`.mapWith(rejectionsHourly.lastAt),
      lastMessage: sql<string>`(array_agg(${rejectionsHourly.lastMessage} order by ${rejectionsHourly.lastAt} desc))[1]`,
      lastRequests: sql<LastRejection[]>`coalesce((
        array_agg(${lastRequests} order by ${rejectionsHourly.lastAt} desc) filter (where ${lastRequests} <> '[]')
      )[1], '[]')`.mapWith(lastRequests),
      ...rejectionNames,
    })
    .from(rejectionsHourly)
    .leftJoin(organizations, joinsRejected.organization)
    .leftJoin(users, joinsRejected.user)
    .leftJoin(apiKeys, joinsRejected.apiKey)
    .leftJoin(apps, joinsRejected.app)
    .where(within)
    .groupBy(...groupedBy, organizations.id, users.id, apiKeys.id, apps.id)
    .orderBy(desc(count), desc(max(rejectionsHourly.lastAt)))
    .limit(MOST_SHOWN);
  return rows.map((row) => ({
    ...toKind(row),
    ...toCount(row),
    last_requests: row.lastRequests.map((request) => toRejectedRequest(row, request)),
  }));
}

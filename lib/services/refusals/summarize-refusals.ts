import { and, desc, eq, gte, max, type SQL, sql, sum } from "drizzle-orm";
import { z } from "zod";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { refusalsHourly } from "#lib/db/schema/refusals";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { textField } from "#lib/services/fields";
import { visibleTo } from "#lib/services/scope";
import { type Refusal, refusalNames, toFields } from "./refusal";

const HOURS = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 } as const;
const REFUSAL_RANGES = ["1h", "24h", "7d", "30d"] as const satisfies readonly (keyof typeof HOURS)[];

const Query = z.strictObject({
  range: z.enum(REFUSAL_RANGES).default("24h"),
  organization_id: z.uuid().optional(),
  code: textField(100).min(1).optional(),
});

/** Refusals of one kind over the whole window. */
export type RefusalSum = Omit<Refusal, "id" | "hour">;

export type RefusalSummary = {
  /** The beginning of the window. */
  from: string;
  /** Who, why and how often, the most frequent first, at most a hundred. */
  groups: RefusalSum[];
  /** Of all groups, also of those that are not shown. */
  total: number;
  /** How often for each reason, the most frequent first; of all, whichever reason is asked for. */
  byCode: { code: string; count: number }[];
};

const MOST_SHOWN = 100;
const HOUR_MS = 3_600_000;

/**
 * Adds up, over the last hours, who was refused, why and how often, as far as the actor may see it.
 * @param now the end of the window; given only by tests
 * @throws ServiceError "invalid"
 */
export async function summarizeRefusals(
  ctx: ServiceContext,
  query: z.input<typeof Query> = {},
  now: Date = new Date(),
): Promise<RefusalSummary> {
  const { range, organization_id, code } = parseInput(Query, query);
  // Whole hours: the one that has begun, and as many before it.
  const from = new Date(Math.floor(now.getTime() / HOUR_MS - HOURS[range]) * HOUR_MS);
  const within = and(
    visibleTo(ctx.actor, refusalsHourly),
    gte(refusalsHourly.hour, from),
    organization_id === undefined ? undefined : eq(refusalsHourly.organizationId, organization_id),
  );
  const [byCode, groups] = await Promise.all([
    readByCode(ctx, within),
    readGroups(ctx, and(within, code === undefined ? undefined : eq(refusalsHourly.code, code))),
  ]);
  const counted = code === undefined ? byCode : byCode.filter((row) => row.code === code);
  return {
    from: from.toISOString(),
    groups,
    byCode,
    total: counted.reduce((total, { count }) => total + count, 0),
  };
}

const count = sum(refusalsHourly.refusals).mapWith(Number);

function readByCode({ db }: ServiceContext, within: SQL | undefined): Promise<RefusalSummary["byCode"]> {
  return db
    .select({ code: refusalsHourly.code, count })
    .from(refusalsHourly)
    .where(within)
    .groupBy(refusalsHourly.code)
    .orderBy(desc(count), refusalsHourly.code);
}

async function readGroups({ db }: ServiceContext, within: SQL | undefined): Promise<RefusalSum[]> {
  const groupedBy = [
    refusalsHourly.code,
    refusalsHourly.organizationId,
    refusalsHourly.userId,
    refusalsHourly.apiKeyId,
    refusalsHourly.appId,
    refusalsHourly.keyPrefix,
    refusalsHourly.model,
  ];
  const rows = await db
    .select({
      code: refusalsHourly.code,
      organizationId: refusalsHourly.organizationId,
      userId: refusalsHourly.userId,
      apiKeyId: refusalsHourly.apiKeyId,
      appId: refusalsHourly.appId,
      model: refusalsHourly.model,
      count,
      lastAt: sql<Date>`${max(refusalsHourly.lastAt)}`.mapWith(refusalsHourly.lastAt),
      lastMessage: sql<string>`(array_agg(${refusalsHourly.lastMessage} order by ${refusalsHourly.lastAt} desc))[1]`,
      ...refusalNames,
    })
    .from(refusalsHourly)
    .leftJoin(organizations, eq(organizations.id, refusalsHourly.organizationId))
    .leftJoin(users, eq(users.id, refusalsHourly.userId))
    .leftJoin(apiKeys, eq(apiKeys.id, refusalsHourly.apiKeyId))
    .leftJoin(apps, eq(apps.id, refusalsHourly.appId))
    .where(within)
    .groupBy(...groupedBy, organizations.id, users.id, apiKeys.id, apps.id)
    .orderBy(desc(count), desc(max(refusalsHourly.lastAt)))
    .limit(MOST_SHOWN);
  return rows.map(toFields);
}

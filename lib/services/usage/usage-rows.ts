import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { ledgerState, metadataSets } from "#lib/db/schema/credit";
import { formerNames } from "#lib/db/schema/former-names";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";
import { ALL_COUNTED, type AllUsage, type AllUsageRow, type SummedUsage, toAllUsage } from "./all-usage";
import { DAY_MS, QUARTER_MS, type ReportWindow, type SplitWindow, splitWindow } from "./report-window";
import { hasWholeHours } from "./time-zone";
import {
  grainFor,
  isOfFewGroups,
  metadataNameOf,
  NAMED_GROUPS,
  needsDetail,
  type UsageFilters,
  type UsageGrain,
  type UsageGroup,
  type UsageQuestion,
} from "./usage-question";
import { MEASURES, unitsOf, usageSources } from "./usage-sources";

/** Sums as text from the database, with histograms as `percentilesOf` reads them. `names` has null where such groups have none. */
export type UsageSums = SummedUsage & {
  groups: (string | null)[];
  names: (string | null)[];
  latency: string;
  ttft: string;
};

/** `completeFrom`: null, or the time before which the sums lack what retention has removed. */
export type UsageAnswer = { rows: UsageSums[]; completeFrom: Date | null; all: AllUsage | null };

/** More than any chart or invoice needs, and less than would hold up other requests. */
export const MOST_ROWS = 50_000;

/**
 * Sums the usage that the actor may see in one statement, and so in one snapshot. The sums are exact, also of what
 * retention has removed; only parts of quarter hours need the ledger itself.
 * @param most only the most expensive groups, and `all` with what all of them sum up to
 * @returns at most `MOST_ROWS` + 1 rows
 */
export async function usageRows(
  ctx: ServiceContext,
  window: ReportWindow,
  question: UsageQuestion,
  most: number | null = null,
): Promise<UsageAnswer> {
  const { groups, timeZone } = question;
  const { actor } = ctx;
  const grain = grainFor(actor, question, groups);
  const split = splitFor(window, question, actor, grain);
  const daysIn = groups.includes("day") && timeZone !== "UTC" ? timeZone : undefined;
  const sources = usageSources({ actor, filters: filtersOf(question), grain, split, daysIn });
  const levels = groups.map((group, index) =>
    levelOf(group, index, timeZone, namingOrganization(actor, question)),
  );
  const keys = sql.join(
    levels.map(({ by }, index) => sql`${by} as ${KEYS[index]}`),
    sql`, `,
  );
  const columns = levels.flatMap(({ text, name }, index) => [
    sql`${text(KEYS[index] ?? KEYS[0])} as ${TEXTS[index]}`,
    sql`${name?.(KEYS[index] ?? KEYS[0]) ?? sql`null`} as ${NAMES[index]}`,
  ]);
  const places = sql.raw(groups.map((_, index) => index + 1).join(", "));
  const query = sql`
    with summed as (
      select ${keys}, ${SUMS} from ${sources} used ${withMetadata(groups)} group by ${places}
    ), counted as (
      ${groups.includes("tag") ? byEachTag(groups, places) : sql`select * from summed`}
      -- A sweep that was undone may leave a row of zeros.
      ${groups.includes("tag") ? sql`having sum(requests) <> 0` : sql`where requests <> 0`}
    ), shown as (
      select * from counted
      ${most === null ? sql`limit ${MOST_ROWS + 1}` : sql`order by cost_usd desc, ${KEYS[0]} limit ${most}`}
    )
    select extract(epoch from kept.kept_from) * 1000 as kept_ms, extract(epoch from kept.detailed_from) * 1000 as detailed_ms,
      extract(epoch from kept.rolled_up_from) * 1000 as rolled_up_ms, ${most === null ? sql`` : sql`all_counted.*, `}shown.*
    from ${ledgerState} kept ${most === null ? sql`` : sql`cross join ${ALL_COUNTED}`} full join (
      select ${sql.join(columns, sql`, `)}, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd,
        encode(numeric_send(latency), 'base64') as latency, encode(numeric_send(ttft), 'base64') as ttft
      from shown
    ) shown on false`;
  const answer = await (groups.some(hasThousands)
    ? inOrderOfGroups(ctx.db, query)
    : ctx.db.execute<Row>(query));
  const rows: UsageSums[] = [];
  let kept: Row | undefined;
  for (const row of answer) {
    if (row.requests === null) kept = row;
    else rows.push(toSums(row, row.requests, groups.length));
  }
  return {
    rows,
    completeFrom: completeFrom(kept, window, question),
    all: most === null ? null : toAllUsage(kept),
  };
}

/** Groups of which a report may have thousands. */
const hasThousands = (group: UsageGroup): boolean =>
  group === "user" || group === "api_key" || metadataNameOf(group) !== null;

/**
 * Sums up one group after the other, in one process. The planner expects few groups, and would keep the sums of all of them at
 * a time, with two histograms each, which is more than a processor's caches hold; in parallel, each worker would sum up most
 * groups and pass on what it has of each.
 */
const inOrderOfGroups = (db: ServiceContext["db"], query: SQL) =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('enable_hashagg', 'off', true),
      set_config('max_parallel_workers_per_gather', '0', true)`);
    return tx.execute<Row>(query);
  });

const filtersOf = ({ groups: _, timeZone: __, ...filters }: UsageQuestion): UsageFilters => filters;

/** Hours and days are told apart in order; other sums may be made of stretches that overlap the window. */
function splitFor(
  window: ReportWindow,
  question: UsageQuestion,
  actor: Actor,
  grain: UsageGrain,
): SplitWindow {
  const { groups, timeZone } = question;
  if (groups.includes("hour")) return splitWindow(window, [QUARTER_MS], false);
  if (!groups.includes("day")) return splitWindow(window, unitsOf(grain), true);
  const isByQuarter = timeZone !== "UTC" && isOfFewGroups(actor, question, grain);
  return splitWindow(window, isByQuarter ? [QUARTER_MS] : [DAY_MS, QUARTER_MS], false);
}

/** Joins the values that groups by metadata have. */
const withMetadata = (groups: readonly UsageGroup[]): SQL =>
  sql.join(
    groups.map((group, index) => {
      const name = metadataNameOf(group);
      return name === null
        ? sql``
        : sql`left join (select id, pairs ->> ${name}::text collate "C" as value from ${metadataSets}) ${VALUES[index]}
            on ${VALUES[index]}.id = used.metadata_id`;
    }),
    sql` `,
  );

/** Sums by sets of tags as sums by tag: there are few sets, of many rows each. */
function byEachTag(groups: readonly UsageGroup[], places: SQL): SQL {
  const keys = sql.join(
    groups.map((group, index) => (group === "tag" ? sql`its.tag as ${KEYS[index]}` : sql`${KEYS[index]}`)),
    sql`, `,
  );
  const tags = KEYS[groups.indexOf("tag")] ?? KEYS[0];
  return sql`select ${keys}, ${SUMS} from summed
    left join lateral (select distinct unnest(summed.${tags}) as tag) its on true group by ${places}`;
}

/** From when on the sums are complete, if not from the start. */
function completeFrom(
  kept: Pick<Row, "kept_ms" | "detailed_ms" | "rolled_up_ms"> | undefined,
  window: ReportWindow,
  question: UsageQuestion,
): Date | null {
  const keptFrom = new Date(Number(kept?.kept_ms ?? 0));
  const detailedFrom = new Date(Number(kept?.detailed_ms ?? 0));
  const rolledUpFrom = new Date(Number(kept?.rolled_up_ms ?? 0));
  if (rolledUpFrom > keptFrom && window.from < rolledUpFrom && window.to > keptFrom) return rolledUpFrom;
  const lacksRest = splitWindow(window, [QUARTER_MS], false).rest.some(({ from }) => from < keptFrom);
  const lacksDetail =
    window.from < detailedFrom && (needsDetail(question) || !isByHour(window, question, detailedFrom));
  if (lacksRest) return keptFrom;
  return lacksDetail ? detailedFrom : null;
}

/** Whether hours of UTC answer the question, until a time. */
function isByHour({ from, to }: ReportWindow, { groups, timeZone }: UsageQuestion, until: Date): boolean {
  const isTime = groups.some((group) => group === "hour" || group === "day");
  const end = to < until ? to : until;
  if (isTime && !hasWholeHours(timeZone, from, end)) return false;
  return [from, end].every((at) => at.getTime() % 3_600_000 === 0);
}

type Row = AllUsageRow & {
  kept_ms: string | null;
  detailed_ms: string | null;
  rolled_up_ms: string | null;
  group_1: string | null;
  group_2?: string | null;
  name_1: string | null;
  name_2?: string | null;
  requests: string | null;
  errors: string;
  input_tokens: string;
  output_tokens: string;
  cached_tokens: string;
  cost_usd: string;
  latency: string;
  ttft: string;
};

const SUMS = sql.raw(MEASURES.map((name) => `sum(${name}) as ${name}`).join(", "));
const KEYS = [sql.raw("key_1"), sql.raw("key_2")] as const;
const VALUES = [sql.raw("value_1"), sql.raw("value_2")] as const;
const TEXTS = [sql.raw("group_1"), sql.raw("group_2")] as const;
const NAMES = [sql.raw("name_1"), sql.raw("name_2")] as const;

const toSums = (row: Row, requests: string, levels: number): UsageSums => ({
  groups: levels === 1 ? [row.group_1] : [row.group_1, row.group_2 ?? null],
  names: levels === 1 ? [row.name_1] : [row.name_1, row.name_2 ?? null],
  requests,
  errors: row.errors,
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
  cachedTokens: row.cached_tokens,
  costUsd: row.cost_usd,
  latency: row.latency,
  ttft: row.ttft,
});

/** The organization that all rows of a report belong to; null for an administrator's report over all of them. */
const namingOrganization = ({ role, organizationId }: Actor, question: UsageQuestion): string | null =>
  role === "admin" ? (question.organization_id ?? null) : organizationId;

/** The key of a group in a row of usage, how it is written, and its name. */
type Level = { by: SQL; text: (key: SQL) => SQL; name?: (key: SQL) => SQL };

function levelOf(group: UsageGroup, index: number, timeZone: string, organizationId: string | null): Level {
  switch (group) {
    case "hour":
      return {
        by: sql`date_trunc('hour', began, ${timeZone})`,
        text: (key) => sql`to_char(${key} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI":00.000Z"')`,
      };
    case "day":
      return {
        by: sql`(began at time zone ${timeZone})::date`,
        text: (key) => sql`to_char(${key}, 'YYYY-MM-DD')`,
      };
    case "tag":
      return { by: sql`tags`, text: asItIs };
    case "model":
    case "provider":
    case "upstream_model":
    case "endpoint":
      return { by: sql.identifier(group).getSQL(), text: asItIs };
    case "organization":
    case "user":
    case "api_key":
    case "app":
      return {
        by: sql.identifier(`${group}_id`).getSQL(),
        text: asItIs,
        name: (id) => nameOf(group, id, organizationId),
      };
    default:
      return { by: sql`${VALUES[index]}.value`, text: asItIs };
  }
}

const asItIs = (key: SQL) => key;

function nameOf(
  group: "organization" | "user" | "api_key" | "app",
  id: SQL,
  organizationId: string | null,
): SQL {
  switch (group) {
    case "organization":
      return sql`(select o.name from ${organizations} o where o.id = ${id})`;
    case "user": {
      const current = sql`select coalesce(u.name, u.email, u.external_id) from ${users} u where u.id = ${id}`;
      return nameIn(organizationId, current, sql`u`, id);
    }
    case "api_key":
      return nameIn(organizationId, sql`select k.name from ${apiKeys} k where k.id = ${id}`, sql`k`, id);
    case "app":
      return sql`(select a.name from ${apps} a where a.id = ${id})`;
  }
}

/** What an organization calls a user or key, or called it until it moved; what it is called now without one. */
function nameIn(organizationId: string | null, current: SQL, table: SQL, id: SQL): SQL {
  if (organizationId === null) return sql`(${current})`;
  return sql`coalesce(
    (${current} and ${table}.organization_id = ${organizationId}),
    (select f.name from ${formerNames} f where f.organization_id = ${organizationId} and f.subject_id = ${id}))`;
}

/** Whether a level's groups have names. */
export const isNamed = (group: UsageGroup | undefined): boolean =>
  group !== undefined && NAMED_GROUPS.has(group);

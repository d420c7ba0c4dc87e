import {
  type AnyColumn,
  and,
  arrayContains,
  eq,
  gte,
  inArray,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { ledger, ledgerState } from "#lib/db/schema/credit";
import {
  type UsageCut,
  usageDays,
  usageGroups,
  usagePending,
  usageQuarters,
  usageSpans,
} from "#lib/db/schema/usage";
import { equals, ownedBy } from "#lib/services/owners";
import { createdWithin } from "#lib/services/requests/created-within";
import { visibleTo } from "#lib/services/scope";
import {
  DAY_MS,
  HOUR_MS,
  QUARTER_MS,
  type ReportWindow,
  type SplitWindow,
  type Stretch,
} from "./report-window";
import { isRolledUp } from "./rolled-up";
import type { NarrowedFilters, UsageGrain } from "./usage-question";

/** What rollups count: requests that have ended, without held requests and adjustments. */
const COUNTED = ["settled", "released", "swept"] as const;

/** Whose usage to read, how finely, and of when. */
export type UsageScope = {
  actor: Actor;
  filters: NarrowedFilters;
  grain: UsageGrain;
  split: SplitWindow;
  /** Of days that begin at another time than UTC's. The rows of a UTC day then count for the day that its noon lies in. */
  daysIn?: string | undefined;
};

/** The units of the rollups that have a cut, the longest first. */
export function unitsOf({ cut }: UsageGrain): number[] {
  const longSpans = cut === "owner" || cut === "caller" ? LONG_SPANS_HOURS : [];
  const hours = [...longSpans, 24, ...(cut === "owner" ? [SHORT_SPAN_HOURS] : [])];
  return [...hours.map((each) => each * HOUR_MS), QUARTER_MS];
}

const LONG_SPANS_HOURS = [768, 192];
const SHORT_SPAN_HOURS = 6;

/**
 * The usage of a window that the actor may see, as a subquery of rows to add up: `began`, what tells them apart in their
 * cut (else null), and sums. Whole quarter hours are read from the rollups and from what is pending for them, the rest of
 * the window from the ledger. Read in one statement, and so in one snapshot, they add up exactly.
 */
export function usageSources(scope: UsageScope): SQL {
  const { whole, stretches, rest } = scope.split;
  const days = stretches.filter(({ unitMs }) => unitMs === DAY_MS);
  const sources = [
    stretches.length > 0 ? fromRollups(scope, stretches) : null,
    ...(scope.daysIn === undefined ? [] : days).map((each) =>
      betweenDays(scope, each, scope.daysIn ?? "UTC"),
    ),
    whole && fromPending(scope, whole),
    rest.length > 0 ? fromLedger(scope, rest) : null,
  ].filter((source) => source !== null);
  if (sources.length === 0) return sql`(${fromPending(scope, null)})`;
  return sql`(${sql.join(sources, sql` union all `)})`;
}

/** Each stretch is read by an index: of its cut, or of the groups if the question leaves out many. */
function fromRollups(scope: UsageScope, stretches: readonly Stretch[]): SQL {
  const parts = sql.join(
    stretches.map((stretch) => fromStretch(scope, stretch)),
    sql` union all `,
  );
  return sql`(
    ${chosenGroups(scope)}
    select rolled.began, ${DIMENSIONS}, ${sums()} from (${parts}) rolled
    join ${usageGroups} on ${usageGroups.id} = rolled.group_id where ${inCuts(scope)})`;
}

function fromStretch(scope: UsageScope, { unitMs, from, to, isAdded }: Stretch): SQL {
  const added = isAdded ? sums() : takenBack();
  const { cut } = scope.grain;
  switch (unitMs) {
    case QUARTER_MS:
      return sql`select ${usageQuarters.at} as began, group_id, ${added} from ${usageQuarters} where ${and(
        eq(usageQuarters.cut, quartersCut(scope)),
        gte(usageQuarters.at, from),
        lt(usageQuarters.at, to),
        isChosen(scope, "ids_by_quarter"),
      )}`;
    case DAY_MS: {
      const midday = scope.daysIn === undefined ? sql`` : sql` + interval '12 hours'`;
      return sql`select (${usageDays.day}::timestamp${midday}) at time zone 'UTC' as began, group_id, ${added}
        from ${usageDays} where ${and(
          eq(usageDays.cut, cut),
          gte(usageDays.day, utcDay(from)),
          lt(usageDays.day, utcDay(to)),
          isChosen(scope, "ids"),
        )}`;
    }
    default:
      return sql`select ${usageSpans.at} as began, group_id, ${added} from ${usageSpans} where ${and(
        eq(usageSpans.cut, cut),
        eq(usageSpans.hours, unitMs / HOUR_MS),
        gte(usageSpans.at, from),
        lt(usageSpans.at, to),
        isChosen(scope, "ids"),
      )}`;
  }
}

/**
 * Moves what a UTC day has of another local day than that of its noon: once taken from the one, once added to the other. So
 * days of any time zone are read from the daily rollup, and of shorter ones only what lies between the two midnights.
 */
function betweenDays(scope: UsageScope, { from, to }: ReportWindow, timeZone: string): SQL {
  return sql`(
    ${chosenGroups(scope)}
    select moved.began, ${DIMENSIONS}, ${sums(" * moved.sign")}
    from (
      select d.day, d.day + interval '12 hours' as noon
      from (select min(at) as first, max(at) as last from ${usageQuarters} where cut = ${quartersCut(scope)}) kept,
        generate_series(
          greatest(${from.toISOString()}::timestamptz, date_trunc('day', kept.first, 'UTC')),
          least(${to.toISOString()}::timestamptz - interval '1 day', kept.last), interval '1 day') as d (day)
    ) days
    join lateral (values
      (date_trunc('day', days.noon, ${timeZone}), days.day, true),
      (((days.noon at time zone ${timeZone})::date + 1)::timestamp at time zone ${timeZone}, days.day + interval '1 day', false)
    ) part (local_midnight, utc_midnight, is_before_noon)
      on part.local_midnight <> part.utc_midnight and (part.local_midnight > part.utc_midnight) = part.is_before_noon
    cross join lateral (
      select group_id, ${SUMMED} from (${betweenMidnights(scope)}) between_midnights group by group_id
    ) between_days
    join ${usageGroups} on ${usageGroups.id} = between_days.group_id
    cross join lateral (values
      (case when part.is_before_noon then days.day else part.local_midnight end, 1), (days.noon, -1)
    ) moved (began, sign)
    where ${inCuts(scope)})`;
}

/** The rows between the midnights of a part: spans of owners up to the nearest one, and quarter hours. */
function betweenMidnights(scope: UsageScope): SQL {
  const chosen = isOfFew(scope) ? isChosen(scope, "ids_by_quarter") : isAmong(scope, "ids_by_quarter");
  const quarters = (from: SQL, to: SQL, rows = sums()) => sql`
    select group_id, ${rows} from ${usageQuarters}
    where ${and(eq(usageQuarters.cut, quartersCut(scope)), chosen)} and at >= ${from} and at < ${to}`;
  const [local, utc] = [sql`part.local_midnight`, sql`part.utc_midnight`];
  if (scope.grain.cut !== "owner")
    return quarters(sql`least(${local}, ${utc})`, sql`greatest(${local}, ${utc})`);
  const nearest = sql`date_bin('6 hours', ${local} + interval '3 hours', 'epoch')`;
  const spans = sql`
    select group_id, ${sums()} from ${usageSpans}
    where ${and(eq(usageSpans.cut, scope.grain.cut), eq(usageSpans.hours, SHORT_SPAN_HOURS), isAmong(scope, "ids"))}
      and at >= least(${nearest}, ${utc}) and at < greatest(${nearest}, ${utc})`;
  // The part ends with the local midnight, or begins with it.
  const early = sql`case when part.is_before_noon then ${local} else ${nearest} end`;
  const late = sql`case when part.is_before_noon then ${nearest} else ${local} end`;
  return sql`${spans} union all ${quarters(late, early)} union all ${quarters(early, late, takenBack())}`;
}

function fromPending(scope: UsageScope, window: ReportWindow | null): SQL {
  const within =
    window === null
      ? sql`false`
      : and(matching(scope, usagePending), gte(usagePending.at, window.from), lt(usagePending.at, window.to));
  return sql`
    select at as began, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, metadata_id,
      requests::bigint, errors::bigint, input_tokens, output_tokens, cached_tokens, cost_usd,
      tollgate_latency_digit(latency_ms) as latency, tollgate_latency_digit(ttft_ms) as ttft
    from ${usagePending}, ${ledgerState} where ${and(within, isRolledUp(usagePending.at))}`;
}

function fromLedger(scope: UsageScope, windows: readonly ReportWindow[]): SQL {
  const where = and(
    matching(scope, ledger),
    or(...windows.map(({ from, to }) => createdWithin(from, to))),
    inArray(ledger.status, [...COUNTED]),
  );
  return sql`
    select created_at as began, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, metadata_id,
      1::bigint as requests, coalesce((http_status >= 400)::int, 0)::bigint as errors, input_tokens, output_tokens,
      cached_tokens, cost_usd, tollgate_latency_digit(latency_ms) as latency, tollgate_latency_digit(ttft_ms) as ttft
    from ${ledger} where ${where}`;
}

const DIMENSIONS = sql.raw(
  `organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, metadata_id`,
);

/** The columns of a rollup's sums. */
export const MEASURES = [
  "requests",
  "errors",
  "input_tokens",
  "output_tokens",
  "cached_tokens",
  "cost_usd",
  "latency",
  "ttft",
] as const;

/** The sums of a rollup's row. */
const sums = (times = "") => sql.raw(MEASURES.map((name) => `${name}${times} as ${name}`).join(", "));

/** The same to take away. */
const takenBack = () => sql.raw(MEASURES.map((name) => `-${name} as ${name}`).join(", "));

const SUMMED = sql.raw(MEASURES.map((name) => `sum(${name}) as ${name}`).join(", "));

/** Owners have no quarter hours: theirs are those of their callers. */
const quartersCut = ({ grain: { cut } }: UsageScope): UsageCut => (cut === "owner" ? "caller" : cut);

/** The condition on groups: those of the cuts that are read, which the actor may see and the filters name. */
function inCuts(scope: UsageScope): SQL | undefined {
  const { cut, ofAllModels, byTags = false } = scope.grain;
  const isByTags = sql`(${usageGroups.tags} <> '{}') = ${byTags}`;
  const ofModels = ofAllModels ? and(eq(usageGroups.model, ""), isByTags) : ne(usageGroups.model, "");
  const cuts = [...new Set([cut, quartersCut(scope)])];
  return and(
    inArray(usageGroups.cut, cuts),
    matching(scope, usageGroups),
    cut === "owner" ? undefined : ofModels,
  );
}

/** Whether a question leaves out many groups of its cut, so that the rest are found first. */
const isNarrow = ({ actor, filters, grain: { cut } }: UsageScope): boolean =>
  (cut !== "owner" && cut !== "caller") ||
  actor.role !== "admin" ||
  Object.values(filters).some((filter) => filter !== undefined);

/** Whether there are few groups: of the installation, or at most one of each organization. */
const isOfFew = ({ grain: { cut, ofAllModels } }: UsageScope): boolean =>
  cut === "installation" || (cut === "organization" && ofAllModels);

/** A join would let no index find the rows of each of them. */
function chosenGroups(scope: UsageScope): SQL {
  if (!isNarrow(scope)) return sql``;
  const idsOf = (cut: UsageCut) => sql`array_agg(id) filter (where ${eq(usageGroups.cut, cut)})`;
  return sql`with chosen as materialized (
    select ${idsOf(scope.grain.cut)} as ids, ${idsOf(quartersCut(scope))} as ids_by_quarter from ${usageGroups}
    where ${inCuts(scope)})`;
}

function isChosen(scope: UsageScope, column: "ids" | "ids_by_quarter"): SQL | undefined {
  return isNarrow(scope)
    ? sql`group_id = any ((select ${sql.raw(column)} from chosen)::bigint[])`
    : undefined;
}

/** The same without an index, where looking up many groups again and again would take longer than reading all. */
function isAmong(scope: UsageScope, column: "ids" | "ids_by_quarter"): SQL | undefined {
  // Not a plain condition, which would become a join.
  return isNarrow(scope)
    ? sql`(group_id in (select unnest(${sql.raw(column)}) from chosen)) is true`
    : undefined;
}

type Dimensions = typeof usageGroups | typeof usagePending | typeof ledger;

const matching = ({ actor, filters }: Pick<UsageScope, "actor" | "filters">, columns: Dimensions) =>
  and(
    visibleTo(actor, columns),
    ownedBy(columns, filters),
    equals(columns.model, filters.model),
    equals(columns.provider, filters.provider),
    filters.tag === undefined ? undefined : arrayContains(columns.tags, [filters.tag]),
    filters.among &&
      isAmongKeys(filters.among.group === "user" ? columns.userId : columns.apiKeyId, filters.among.keys),
  );

function isAmongKeys(column: AnyColumn, keys: readonly (string | null)[]): SQL | undefined {
  const known = keys.filter((key) => key !== null);
  return or(inArray(column, known), keys.includes(null) ? isNull(column) : undefined);
}

const utcDay = (at: Date) => at.toISOString().slice(0, 10);

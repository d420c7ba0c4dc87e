import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { metadataSets } from "#lib/db/schema/credit";
import { DAY_MS, QUARTER_MS, type ReportWindow, type SplitWindow, splitWindow } from "./report-window";
import { KEYS, type Level, VALUES } from "./usage-levels";
import {
  grainFor,
  isOfFewGroups,
  isTime,
  metadataNameOf,
  type NarrowedFilters,
  type UsageGrain,
  type UsageGroup,
  type UsageQuestion,
} from "./usage-question";
import { unitsOf, usageSources } from "./usage-sources";

/**
 * The start of a statement: `counted` has a row for each group that the actor may see, with the keys of its levels and sums.
 * The sums are exact, also of what retention has removed; only parts of quarter hours need the ledger itself.
 * @param sums the list of sums, with their names
 */
export function withCounted(
  actor: Actor,
  window: ReportWindow,
  question: UsageQuestion,
  levels: readonly Level[],
  sums: SQL,
): SQL {
  const { groups, timeZone } = question;
  const grain = withLongSpans(grainFor(actor, question, groups), actor, question, window);
  const split = splitFor(window, question, actor, grain);
  const daysIn = groups.includes("day") && timeZone !== "UTC" ? timeZone : undefined;
  const sources = usageSources({ actor, filters: filtersOf(question), grain, split, daysIn });
  const keys = sql.join(
    levels.map(({ by }, index) => sql`${by} as ${KEYS[index]}`),
    sql`, `,
  );
  const places = sql.raw(groups.map((_, index) => index + 1).join(", "));
  return sql`
    with summed as (
      select ${keys}, ${sums} from ${sources} used ${withMetadata(groups)} group by ${places}
    ), counted as (
      ${groups.includes("tag") ? byEachTag(groups, sums, places) : sql`select * from summed`}
      -- A sweep that was undone may leave a row of zeros.
      ${groups.includes("tag") ? sql`having sum(requests) <> 0` : sql`where requests <> 0`}
    )`;
}

/** From so many days on, the long spans of callers are fewer rows than the days of organizations by model. */
const MANY_DAYS = 20;

/** The grain, or one that has long spans, where days of many groups would be read for sums that tell no days apart. */
function withLongSpans(
  grain: UsageGrain,
  { role }: Actor,
  { groups, organization_id }: UsageQuestion,
  { from, to }: ReportWindow,
): UsageGrain {
  const isOfMany = grain.cut === "organization" && !grain.ofAllModels;
  const seesAll = role === "admin" && organization_id === undefined;
  const isLong = to.getTime() - from.getTime() > MANY_DAYS * DAY_MS;
  return isOfMany && seesAll && isLong && !groups.some(isTime) ? { ...grain, cut: "caller" } : grain;
}

const filtersOf = ({ groups: _, timeZone: __, ...filters }: UsageQuestion): NarrowedFilters => filters;

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
function byEachTag(groups: readonly UsageGroup[], sums: SQL, places: SQL): SQL {
  const keys = sql.join(
    groups.map((group, index) => (group === "tag" ? sql`its.tag as ${KEYS[index]}` : sql`${KEYS[index]}`)),
    sql`, `,
  );
  const tags = KEYS[groups.indexOf("tag")] ?? KEYS[0];
  return sql`select ${keys}, ${sums} from summed
    left join lateral (select distinct unnest(summed.${tags}) as tag) its on true group by ${places}`;
}

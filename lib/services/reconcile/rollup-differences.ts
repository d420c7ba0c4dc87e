import { sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import {
  type UsageCut,
  usageDays,
  usageGroups,
  usageQuarters,
  usageSpans,
  usageTotals,
} from "#lib/db/schema/usage";
import { MEASURES } from "#lib/services/usage/usage-sources";
import type { ReconciledDays } from "./reconciled-days";

/**
 * Compares the rollups with each other: days with their quarter hours, spans with their days, or days with their spans,
 * owners, organizations and the installation with their callers, and, if all days are compared, totals with them.
 */
export async function rollupDifferences(
  tx: Tx,
  { from, to }: ReconciledDays,
): Promise<{ checked: number; different: number }> {
  const [first, end] = [
    sql`${from?.toISOString() ?? "-infinity"}::timestamptz`,
    sql`${to?.toISOString() ?? "infinity"}::timestamptz`,
  ];
  const isDay = sql`day >= (${first} at time zone 'UTC')::date and day < (${end} at time zone 'UTC')::date`;
  const isWhole = from === undefined && to === undefined;
  const [row] = await tx.execute<{ checked: string; different: string }>(sql`
    with by_day as (
      select group_id, (at at time zone 'UTC')::date as day, ${SUMS} as figures from ${usageQuarters}
      where at >= ${first} and at < ${end} group by 1, 2
    ), days as (
      select coalesce(d.figures, ${ZEROS}) <> coalesce(q.figures, ${ZEROS}) as differs
      from (select group_id, day, ${SUMS} as figures from ${usageDays} where cut <> 'owner' and ${isDay} group by 1, 2) d
      full join by_day q on (d.group_id, d.day) = (q.group_id, q.day)
    ), by_span as (
      select group_id, hours, at, ${SUMS} as figures from (
        select group_id, ${DAY_HOURS} as hours, date_bin('1 day', at, 'epoch') as at, ${COLUMNS}
        from ${usageSpans} where hours < ${DAY_HOURS} and at >= ${first} and at < ${end}
        union all
        select group_id, long.hours, date_bin(long.hours * interval '1 hour', day::timestamp at time zone 'UTC', 'epoch'),
          ${COLUMNS}
        from ${usageDays}, (select distinct hours from ${usageSpans} where hours > ${DAY_HOURS}) long
        where cut in ('owner', 'caller') and ${isDay}
      ) parts group by 1, 2, 3
    ), spans as (
      select coalesce(s.figures, ${ZEROS}) <> coalesce(b.figures, ${ZEROS}) as differs
      from (
        select group_id, hours, at, ${SUMS} as figures from (
          select group_id, hours, at, ${COLUMNS} from ${usageSpans}
          where hours > ${DAY_HOURS} and at >= ${first} and at < ${end}
          union all
          select group_id, ${DAY_HOURS}, day::timestamp at time zone 'UTC', ${COLUMNS} from ${usageDays}
          where cut = 'owner' and ${isDay}
        ) whole group by 1, 2, 3
      ) s
      full join by_span b on (s.group_id, s.hours, s.at) = (b.group_id, b.hours, b.at)
      where coalesce(s.at, b.at) >= ${first}
        and coalesce(s.at, b.at) + coalesce(s.hours, b.hours) * interval '1 hour' <= ${end}
    ), used as (
      select * from ${usageGroups} g join (select *, cut as of from ${usageDays} where ${isDay}) d on d.group_id = g.id
    ), owners as (
      select ${sumsOf("caller")} <> ${sumsOf("owner")} as differs
      from used where of in ('caller', 'owner') group by day, organization_id, user_id, api_key_id, app_id, tags
    ), organizations as (
      select ${sumsOf("caller")} <> ${sumsOf("organization")} as differs
      from used where of in ('caller', 'organization') and model <> ''
      group by day, organization_id, model, provider, upstream_model, endpoint
    ), installation as (
      select ${sumsOf("caller")} <> ${sumsOf("installation")} as differs
      from used where of in ('caller', 'installation') and model <> '' group by day, model, provider, upstream_model, endpoint
    ), all_models as (
      select ${sumsWhere("model <> ''")} <> ${sumsWhere("model = '' and tags = '{}'")} as differs
      from used where of in ('organization', 'installation') group by of, day, organization_id
    ), tags as (
      select ${sumsOf("caller")} <> ${sumsOf("installation")} as differs
      from used where tags <> '{}' and of in ('caller', 'installation') group by day, tags
    ), totals as (
      select sum(requests) <> 0 or sum(cost_usd) <> 0 as differs
      from (
        select organization_id, user_id, provider, requests, cost_usd from used where of = 'caller'
        union all
        select organization_id, user_id, provider, -requests, -cost_usd from ${usageTotals}
      ) compared
      group by organization_id, user_id, provider having ${isWhole}
    )
    select count(*) as checked, count(*) filter (where differs) as different
    from (
      table days union all table spans union all table owners union all table organizations union all table installation union all table all_models union all table tags
      union all table totals
    ) checks`);
  return { checked: Number(row?.checked ?? 0), different: Number(row?.different ?? 0) };
}

const DAY_HOURS = sql.raw("24");
const COLUMNS = sql.raw(MEASURES.join(", "));

const figures = (each: (name: string) => string) =>
  sql.raw(`array[${MEASURES.map(each).join(", ")}]::numeric[]`);

const SUMS = figures((name) => `sum(${name})`);
const ZEROS = figures(() => "0");
const sumsWhere = (condition: string) =>
  figures((name) => `coalesce(sum(${name}) filter (where ${condition}), 0)`);
const sumsOf = (cut: UsageCut) => sumsWhere(`of = '${cut}'`);

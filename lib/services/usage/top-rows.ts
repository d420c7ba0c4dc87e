import { type SQL, sql } from "drizzle-orm";
import { ledgerState } from "#lib/db/schema/credit";
import type { ServiceContext } from "#lib/services/context";
import { completeFrom, KEPT, type KeptRow } from "./complete-from";
import { withCounted } from "./counted-usage";
import { DAY_MS, HOUR_MS, type ReportWindow } from "./report-window";
import { KEYS, levelsOf } from "./usage-levels";
import { isCaller, isTime, type UsageQuestion } from "./usage-question";
import { MEASURES } from "./usage-sources";

const FIGURES = MEASURES.filter((name) => name !== "latency" && name !== "ttft");

/** Sums as text from the database. */
export type TopSums = Record<(typeof FIGURES)[number], string>;
/** A group, and how many groups are within it, of which `within` has the first ones. */
export type TopRow = TopSums & {
  group: string | null;
  name: string | null;
  groups: number;
  within: (TopSums & { group: string | null; name: string | null })[];
};
/** `all`: the sums of all groups. Where a request counts in several, it does so here. */
export type TopAnswer = { rows: TopRow[]; all: TopSums & { groups: number }; completeFrom: Date | null };

/** How many groups to return; of the second level so many that there are about `lines` in all, and at least `fewestWithin`. */
export type TopBounds = { most: number; lines: number; fewestWithin: number };

/**
 * Sums the usage that the actor may see, and returns the first groups only: by cost, of times the latest. Of durations nothing:
 * their histograms would take most of the time.
 */
export async function topRows(
  ctx: ServiceContext,
  window: ReportWindow,
  question: UsageQuestion,
  bounds: TopBounds,
): Promise<TopAnswer> {
  const asked = { window, question };
  if (!isReadInSteps(asked, bounds)) return readTop(ctx, asked, asked, bounds);
  return ctx.db.transaction(
    async (tx) => {
      const outer = { window, question: { ...question, groups: question.groups.slice(0, 1) } };
      const whole = await readTop({ ...ctx, db: tx }, outer, asked, bounds);
      const nested = await readTop({ ...ctx, db: tx }, withinFirst(asked, whole, bounds), asked, bounds);
      return { ...whole, rows: nested.rows };
    },
    // So both see the same usage.
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

type Asked = { window: ReportWindow; question: UsageQuestion };

/**
 * Whether to find the first groups before those within them, where there may be many others: of two hundred hours, or a
 * thousand users. Not with tags within: a request with two counts twice in the sums, which takes both levels.
 */
function isReadInSteps({ window, question }: Asked, { most }: TopBounds): boolean {
  const [outer, inner] = question.groups;
  if (outer === undefined || inner === undefined || inner === "tag") return false;
  if (isTime(outer))
    return (window.to.getTime() - window.from.getTime()) / (outer === "hour" ? HOUR_MS : DAY_MS) > most;
  return isCaller(outer);
}

/** What to ask of the first groups only. */
function withinFirst({ window, question }: Asked, { rows, all }: TopAnswer, { most }: TopBounds): Asked {
  const [outer] = question.groups;
  if (outer === undefined || all.groups <= rows.length) return { window, question };
  if (isTime(outer)) {
    const last = rows.at(-1)?.group ?? "";
    // A day of another time zone begins at most a day earlier. What this reads too much of is not among the latest.
    const slackMs = outer === "day" && question.timeZone !== "UTC" ? DAY_MS : 0;
    const from = new Date(Math.max(window.from.getTime(), Date.parse(last) - slackMs));
    return { window: { ...window, from }, question };
  }
  // To look up most groups one by one would take longer than to read all.
  if (!isCaller(outer) || all.groups < 2 * most) return { window, question };
  return { window, question: { ...question, among: { group: outer, keys: rows.map(({ group }) => group) } } };
}

/** Sums the usage in one statement. @param asked what the sums are complete for */
async function readTop(
  { db, actor }: ServiceContext,
  { window, question }: Asked,
  asked: Asked,
  bounds: TopBounds,
): Promise<TopAnswer> {
  const { groups } = question;
  const levels = levelsOf(actor, question);
  const [outer, inner] = levels.map(({ text, name }, index) => {
    const key = KEYS[index] ?? KEYS[0];
    return sql`(${text(key)})::text as "group", ${name?.(key) ?? sql`null`} as name`;
  });
  const isNested = inner !== undefined;
  const answer = await db.execute<Row>(sql`
    ${withCounted(actor, window, question, levels, SUMS)}, outers as (
      ${isNested ? sql`select key_1, count(*) as groups, ${SUMS} from counted group by key_1` : sql`select *, 0::bigint as groups from counted`}
    ), shown as (
      select *, row_number() over (order by ${inOrder(groups[0], KEYS[0])}) as place from outers
      order by place limit ${bounds.most}
    ), everything as (
      select count(*) as groups, ${SUMS} from outers
    ), lines as (
      select ${outer}, place, 0::bigint as place_within, groups, ${COLUMNS} from shown
      ${isNested ? sql`union all ${linesWithin(inner, inOrder(groups[1], KEYS[1]), bounds)}` : sql``}
    )
    select ${KEPT}, null::text as "group", null::text as name, null::bigint as place, null::bigint as place_within, groups, ${COLUMNS}
    from ${ledgerState} kept cross join everything
    union all
    select null, null, null, lines.* from lines order by place nulls first, place_within`);
  return toAnswer([...answer], asked);
}

/** By cost; of times, the latest first. */
const inOrder = (group: UsageQuestion["groups"][number] | undefined, key: SQL): SQL =>
  group !== undefined && isTime(group) ? sql`${key} desc` : sql`cost_usd desc, ${key}`;

/** The first groups within each group that is shown, and one more, which is shown if it is the last one. */
function linesWithin(columns: SQL, order: SQL, { lines, fewestWithin }: TopBounds): SQL {
  // As arrays, keys that are null are equal, too, and can still be hashed.
  return sql`
    select ${columns}, place, place_within, 0::bigint, ${COLUMNS} from (
      select counted.*, shown.place,
        row_number() over (partition by shown.place order by ${order}) as place_within
      from counted join (select key_1 as shown_key, place from shown) shown on array[shown_key] = array[key_1]
    ) ranked
    where place_within <= greatest(${fewestWithin}::int, ${lines}::int / (select count(*) from shown)) + 1`;
}

const SUMS = sql.raw(FIGURES.map((name) => `sum(${name}) as ${name}`).join(", "));
const COLUMNS = sql.raw(FIGURES.join(", "));

/** Null figures: nothing was used. */
type Row = KeptRow &
  Record<keyof TopSums, string | null> & {
    group: string | null;
    name: string | null;
    place: string | null;
    place_within: string | null;
    groups: string;
  };

/** @param answer the row of all first, each group before those within it */
function toAnswer([kept, ...lines]: Row[], { window, question }: Asked): TopAnswer {
  const rows: TopRow[] = [];
  for (const line of lines) {
    const { group, name } = line;
    if (line.place_within === "0") {
      rows.push({ group, name, groups: Number(line.groups), within: [], ...sumsOf(line) });
    } else rows.at(-1)?.within.push({ group, name, ...sumsOf(line) });
  }
  return {
    rows,
    all: { groups: Number(kept?.groups ?? 0), ...sumsOf(kept) },
    completeFrom: completeFrom(kept, window, question),
  };
}

const sumsOf = (row: Row | undefined): TopSums => ({
  requests: row?.requests ?? "0",
  errors: row?.errors ?? "0",
  input_tokens: row?.input_tokens ?? "0",
  output_tokens: row?.output_tokens ?? "0",
  cached_tokens: row?.cached_tokens ?? "0",
  cost_usd: row?.cost_usd ?? "0",
});

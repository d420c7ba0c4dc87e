import { formatUsd, parseUsd } from "#lib/credit/money";
import type { UsageGroup } from "#lib/services/usage/usage-question";
import type { UsageRow } from "#lib/services/usage/usage-report";
import { countDays, plusDays, type UsageDays } from "./usage-period";

/** `figuresUsd` is in the order of `series`, with that of all others last if there are any. */
export type UsageChartBar = { start: string; figuresUsd: string[]; totalUsd: string };

/** Spend over time. */
export type UsageChart = {
  barHours: number;
  /** The groups that bars are made of, the most expensive first. */
  series: (string | null)[];
  hasOthers: boolean;
  bars: UsageChartBar[];
  /** Whether the last bar has not ended yet. */
  isOpen: boolean;
};

const MOST_SERIES = 4;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MOST_HOURLY_DAYS = 2;
/** The widths of bars in days, each up to a number of days. */
const WIDTHS = [
  { upToDays: 120, barDays: 1 },
  { upToDays: 800, barDays: 7 },
  { upToDays: Number.POSITIVE_INFINITY, barDays: 30 },
];

/** Groups of which there are few, so that bars can be made of them. */
const STACKED: ReadonlySet<UsageGroup> = new Set(["model", "provider", "upstream_model", "endpoint"]);

/** What a chart's bars are made of: the table's groups if there are few of them, else models. */
export const stackedBy = (groups: readonly UsageGroup[]): UsageGroup =>
  groups.find((group) => STACKED.has(group)) ?? "model";

/** The unit of time by which a chart's report is grouped. */
export const chartUnit = (days: UsageDays): "hour" | "day" =>
  countDays(days) <= MOST_HOURLY_DAYS ? "hour" : "day";

/** The chart of a report by `chartUnit` and what its bars are made of. */
export function usageChart(rows: readonly UsageRow[], days: UsageDays, now: Date): UsageChart {
  const { barMs, starts } = startsOf(rows, days, now);
  const [firstMs = 0] = starts;
  const costs = new Map<string | null, bigint>();
  const cells = new Map<number, Map<string | null, bigint>>();
  for (const row of rows) {
    const cost = parseUsd(row.cost_usd);
    const part = row.subgroup ?? null;
    add(costs, part, cost);
    const bar = Math.floor((startMsOf(row) - firstMs) / barMs);
    const cell = cells.get(bar) ?? new Map<string | null, bigint>();
    cells.set(bar, cell);
    add(cell, part, cost);
  }
  const parts = [...costs].sort(([, a], [, b]) => (a === b ? 0 : a > b ? -1 : 1)).map(([part]) => part);
  const shown = parts.slice(0, MOST_SERIES);
  const hasOthers = parts.length > shown.length;
  return {
    barHours: barMs / HOUR_MS,
    series: shown,
    hasOthers,
    bars: starts.map((startMs, index) => {
      const cell = cells.get(index) ?? new Map<string | null, bigint>();
      const figures = shown.map((part) => cell.get(part) ?? 0n);
      const total = [...cell.values()].reduce((sum, cost) => sum + cost, 0n);
      const rest = total - figures.reduce((sum, cost) => sum + cost, 0n);
      return {
        start: new Date(startMs).toISOString(),
        figuresUsd: (hasOthers ? [...figures, rest] : figures).map(formatUsd),
        totalUsd: formatUsd(total),
      };
    }),
    isOpen: now.getTime() < Date.parse(plusDays(days.last, 1)),
  };
}

/** The starts of the bars: until now, and of long periods from the first usage on. */
function startsOf(rows: readonly UsageRow[], days: UsageDays, now: Date) {
  const isHourly = chartUnit(days) === "hour";
  const firstUsedMs = Math.min(...rows.map(startMsOf));
  const isLong = countDays(days) > 366;
  const givenMs = Date.parse(days.first);
  const firstMs = isLong && rows.length > 0 ? Math.max(givenMs, firstUsedMs) : givenMs;
  const endMs = Math.min(Date.parse(plusDays(days.last, 1)), Math.max(now.getTime(), firstMs + 1));
  const spanDays = Math.ceil((endMs - firstMs) / DAY_MS);
  const barDays = WIDTHS.find(({ upToDays }) => spanDays <= upToDays)?.barDays ?? 1;
  const barMs = isHourly ? HOUR_MS : barDays * DAY_MS;
  const bars = isLong && rows.length === 0 ? 0 : Math.ceil((endMs - firstMs) / barMs);
  return { barMs, starts: Array.from({ length: bars }, (_, index) => firstMs + index * barMs) };
}

const startMsOf = ({ group }: UsageRow) => Date.parse(group ?? "");

const add = (sums: Map<string | null, bigint>, key: string | null, cost: bigint) =>
  sums.set(key, (sums.get(key) ?? 0n) + cost);

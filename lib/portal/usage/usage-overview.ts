import { sql } from "drizzle-orm";
import { z } from "zod";
import { parseUsd } from "#lib/credit/money";
import { apiKeys, organizations } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { joinsOwner, ownerNames } from "#lib/services/owners";
import { DAY_MS, HOUR_MS, QUARTER_MS, splitWindow } from "#lib/services/usage/report-window";
import { grainFor, type UsageGroup } from "#lib/services/usage/usage-question";
import { unitsOf, usageSources } from "#lib/services/usage/usage-sources";
import { usdText } from "#lib/services/usd-text";
import { USAGE_RANGE_NAMES, type UsageRange, type UsageWindow, usageWindow } from "./usage-range";
import { addUp, byCost, toTotals, type UsageSums, type UsageTotals } from "./usage-sums";

/** One bar of the charts. `costByModelUsd` is in the order of `chartModels`. */
export type UsageBar = UsageTotals & { start: string; costByModelUsd: string[]; otherModelsUsd: string };

export type KeyUsage = {
  id: string;
  /** Null if the key was deleted. */
  name: string | null;
  prefix: string | null;
  organizationName: string | null;
  costUsd: string;
  requests: number;
};

export type UsageOverview = {
  range: UsageRange;
  from: string;
  /** The end of the last bar, in the future. */
  to: string;
  barHours: number;
  totals: UsageTotals;
  /** The window of the same length before this one. */
  previous: UsageTotals;
  bars: UsageBar[];
  /** The most expensive models, at most four, which the spend chart shows separately. */
  chartModels: string[];
  topModels: (UsageTotals & { model: string })[];
  topKeys: KeyUsage[];
};

type ModelSums = UsageSums & { startMs: number; model: string };

const Query = z.object({ range: z.enum(USAGE_RANGE_NAMES).default("7d") });
const CHART_MODELS = 4;
const TOP = 6;

/**
 * Returns the usage in a window that the actor may see. It reads only rollups, so that no chart holds a long
 * snapshot of the ledger.
 * @param now the end of the window, for tests
 */
export async function usageOverview(
  ctx: ServiceContext,
  query: z.input<typeof Query> = {},
  now: Date = new Date(),
): Promise<UsageOverview> {
  const { range } = parseInput(Query, query);
  const window = usageWindow(range, now);
  const [current, previous, topKeys] = await Promise.all([
    sumsByBarAndModel(ctx, window),
    sumsBefore(ctx, window),
    keysBySpend(ctx, window),
  ]);
  const models = [...new Set(current.map((row) => row.model))]
    .map((model) => ({ model, ...addUp(current.filter((row) => row.model === model)) }))
    .sort(byCost);
  const chartModels = models.slice(0, CHART_MODELS).map((entry) => entry.model);
  return {
    range,
    from: iso(window.fromMs),
    to: iso(window.toMs),
    barHours: window.barMs / HOUR_MS,
    totals: toTotals(addUp(current)),
    previous: toTotals(previous),
    bars: Array.from({ length: window.bars }, (_, index) => {
      const startMs = window.fromMs + index * window.barMs;
      return toBar(
        startMs,
        current.filter((row) => row.startMs === startMs),
        chartModels,
      );
    }),
    chartModels,
    topModels: models.slice(0, TOP).map(({ model, ...sums }) => ({ model, ...toTotals(sums) })),
    topKeys,
  };
}

async function sumsByBarAndModel(ctx: ServiceContext, window: UsageWindow): Promise<ModelSums[]> {
  // A literal rather than two parameters: GROUP BY needs the same expression.
  const barSeconds = sql.raw(String(window.barMs / 1000));
  const rows = await ctx.db.execute<SumsRow & { start_ms: string; model: string }>(sql`
    select extract(epoch from used.began)::bigint / ${barSeconds} * ${barSeconds} * 1000 as start_ms, used.model, ${SUMS}
    from ${byBar(ctx, window)} used
    group by 1, 2
    having sum(requests) <> 0`);
  return [...rows].map((row) => ({ startMs: Number(row.start_ms), model: row.model, ...toSums(row) }));
}

/** The sums of the window before: without bars and models, few rows of the rollups have them. */
async function sumsBefore(ctx: ServiceContext, window: UsageWindow): Promise<UsageSums> {
  const used = inAll(ctx, [], { fromMs: window.previousFromMs, toMs: window.fromMs });
  const rows = await ctx.db.execute<SumsRow>(sql`select ${SUMS} from ${used} used having sum(requests) <> 0`);
  return addUp([...rows].map(toSums));
}

/** A key that has moved counts once for each organization, under the name that it has or had there. */
async function keysBySpend(ctx: ServiceContext, window: UsageWindow): Promise<KeyUsage[]> {
  const top = {
    organizationId: sql`top.organization_id`,
    userId: sql`null`,
    apiKeyId: sql`top.api_key_id`,
    appId: sql`null`,
  };
  const owner = joinsOwner(top);
  const names = ownerNames(top);
  const rows = await ctx.db
    .select({
      id: sql<string>`top.api_key_id`,
      name: names.apiKeyName,
      prefix: names.apiKeyPrefix,
      organizationName: names.organizationName,
      costUsd: sql<string>`top.cost_usd`,
      requests: sql<string>`top.requests`,
    })
    .from(
      sql`(
        select used.api_key_id, used.organization_id, sum(used.cost_usd) as cost_usd, sum(used.requests) as requests
        from ${inAll(ctx, ["api_key"], window)} used
        where used.api_key_id is not null
        group by 1, 2 having sum(used.requests) <> 0 order by 3 desc, 1, 2 limit ${TOP}
      ) top`,
    )
    .leftJoin(apiKeys, owner.apiKey)
    .leftJoin(organizations, owner.organization)
    .orderBy(sql`top.cost_usd desc`, sql`top.api_key_id`, sql`top.organization_id`);
  return rows.map((row) => ({ ...row, costUsd: usdText(row.costUsd), requests: Number(row.requests) }));
}

function byBar({ actor }: ServiceContext, { fromMs, toMs, barMs }: UsageWindow) {
  const units = barMs % DAY_MS === 0 ? [DAY_MS, QUARTER_MS] : [QUARTER_MS];
  const split = splitWindow({ from: new Date(fromMs), to: new Date(toMs) }, units, false);
  return usageSources({ actor, filters: {}, grain: grainFor(actor, {}, ["model"]), split });
}

/** Rows of a whole time, whenever in it, that tell some groups apart. */
function inAll(
  { actor }: ServiceContext,
  groups: UsageGroup[],
  { fromMs, toMs }: Pick<UsageWindow, "fromMs" | "toMs">,
) {
  const grain = grainFor(actor, {}, groups);
  const split = splitWindow({ from: new Date(fromMs), to: new Date(toMs) }, unitsOf(grain), true);
  return usageSources({ actor, filters: {}, grain, split });
}

type SumsRow = Record<
  "cost_usd" | "requests" | "errors" | "input_tokens" | "cached_tokens" | "output_tokens",
  string
>;

const SUMS = sql.raw(
  ["cost_usd", "requests", "errors", "input_tokens", "cached_tokens", "output_tokens"]
    .map((figure) => `sum(used.${figure}) as ${figure}`)
    .join(", "),
);

const toSums = (row: SumsRow): UsageSums => ({
  costPicoUsd: parseUsd(row.cost_usd),
  requests: Number(row.requests),
  errors: Number(row.errors),
  inputTokens: Number(row.input_tokens),
  cachedTokens: Number(row.cached_tokens),
  outputTokens: Number(row.output_tokens),
});

function toBar(startMs: number, rows: readonly ModelSums[], chartModels: readonly string[]): UsageBar {
  const costOf = (matches: (row: ModelSums) => boolean) => toTotals(addUp(rows.filter(matches))).costUsd;
  return {
    start: iso(startMs),
    ...toTotals(addUp(rows)),
    costByModelUsd: chartModels.map((model) => costOf((row) => row.model === model)),
    otherModelsUsd: costOf((row) => !chartModels.includes(row.model)),
  };
}

const iso = (ms: number) => new Date(ms).toISOString();

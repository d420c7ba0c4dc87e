import { and, desc, gte, isNotNull, lt, sql } from "drizzle-orm";
import { z } from "zod";
import { parseUsd } from "#lib/credit/money";
import { usageHourly } from "#lib/db/schema/credit";
import { apiKeys, organizations } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { joinsOwner, ownerNames } from "#lib/services/owners";
import { visibleTo } from "#lib/services/scope";
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
const HOUR_MS = 3_600_000;

/**
 * Returns the usage in a window that the actor may see. It reads only the hourly rollup, so that no chart holds
 * a long snapshot of the ledger.
 * @param now the end of the window, for tests
 */
export async function usageOverview(
  ctx: ServiceContext,
  query: z.input<typeof Query> = {},
  now: Date = new Date(),
): Promise<UsageOverview> {
  const { range } = parseInput(Query, query);
  const window = usageWindow(range, now);
  const [rows, topKeys] = await Promise.all([sumsByBarAndModel(ctx, window), keysBySpend(ctx, window)]);
  const current = rows.filter((row) => row.startMs >= window.fromMs);
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
    previous: toTotals(addUp(rows.filter((row) => row.startMs < window.fromMs))),
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
  const barMs = sql.raw(String(window.barMs));
  const startMs = sql<string>`(floor(extract(epoch from ${usageHourly.hour}) * 1000 / ${barMs}) * ${barMs})::bigint`;
  const rows = await ctx.db
    .select({ startMs, model: usageHourly.model, ...sumColumns })
    .from(usageHourly)
    .where(and(visibleTo(ctx.actor, usageHourly), within(window.previousFromMs, window.toMs)))
    .groupBy(startMs, usageHourly.model);
  return rows.map((row) => ({
    startMs: Number(row.startMs),
    model: row.model,
    costPicoUsd: parseUsd(row.costUsd),
    requests: Number(row.requests),
    errors: Number(row.errors),
    inputTokens: Number(row.inputTokens),
    cachedTokens: Number(row.cachedTokens),
    outputTokens: Number(row.outputTokens),
  }));
}

/** A key that has moved counts once for each organization, under the name that it has or had there. */
async function keysBySpend(ctx: ServiceContext, window: UsageWindow): Promise<KeyUsage[]> {
  const owner = joinsOwner(usageHourly);
  const names = ownerNames(usageHourly);
  const rows = await ctx.db
    .select({
      id: usageHourly.apiKeyId,
      name: names.apiKeyName,
      prefix: names.apiKeyPrefix,
      organizationName: names.organizationName,
      costUsd: sumColumns.costUsd,
      requests: sumColumns.requests,
    })
    .from(usageHourly)
    .leftJoin(apiKeys, owner.apiKey)
    .leftJoin(organizations, owner.organization)
    .where(
      and(
        visibleTo(ctx.actor, usageHourly),
        within(window.fromMs, window.toMs),
        isNotNull(usageHourly.apiKeyId),
      ),
    )
    .groupBy(usageHourly.apiKeyId, usageHourly.organizationId, apiKeys.id, organizations.id)
    .orderBy(desc(sumColumns.costUsd), usageHourly.apiKeyId, usageHourly.organizationId)
    .limit(TOP);
  return rows.flatMap(({ id, ...row }) =>
    id === null ? [] : [{ ...row, id, costUsd: usdText(row.costUsd), requests: Number(row.requests) }],
  );
}

const within = (fromMs: number, toMs: number) =>
  and(gte(usageHourly.hour, new Date(fromMs)), lt(usageHourly.hour, new Date(toMs)));

const sumColumns = {
  costUsd: sql<string>`sum(${usageHourly.costUsd})`,
  requests: sql<string>`sum(${usageHourly.requests})`,
  errors: sql<string>`sum(${usageHourly.errors})`,
  inputTokens: sql<string>`sum(${usageHourly.inputTokens})`,
  cachedTokens: sql<string>`sum(${usageHourly.cachedTokens})`,
  outputTokens: sql<string>`sum(${usageHourly.outputTokens})`,
};

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

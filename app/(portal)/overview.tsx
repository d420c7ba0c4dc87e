import { ChartPanel } from "#components/charts/chart-panel";
import { RankList } from "#components/charts/rank-list";
import { shortCount } from "#components/format/count";
import { SetupList } from "#components/setup/setup-list";
import { setupSteps } from "#lib/portal/setup/setup-steps";
import { type UsageOverview, usageOverview } from "#lib/portal/usage/usage-overview";
import type { UsageRange } from "#lib/portal/usage/usage-range";
import type { ServiceContext } from "#lib/services/context";
import { Attention } from "./attention";
import { BudgetNotices } from "./budget-notices";
import { FirstSteps } from "./first-steps";
import { RANGE_WORDS } from "./overview-params";
import { usageHref } from "./usage/usage-params";
import { UsageStats } from "./usage-stats";

const MODEL_COLORS = [1, 2, 3, 4].map((step) => `var(--color-chart-${step})`);

/** The period of the usage page that is nearest to a range: it begins with a day. */
const USAGE_PERIOD = { "24h": "today", "7d": "7d", "30d": "30d" } as const;

type Props = { ctx: ServiceContext; range: UsageRange };

export async function Overview({ ctx, range }: Props) {
  const [usage, steps] = await Promise.all([usageOverview(ctx, { range }), setupSteps(ctx)]);
  if (usage.totals.requests === 0 && usage.previous.requests === 0)
    return (
      <div className="flex flex-col gap-4">
        <Attention ctx={ctx} />
        <FirstSteps ctx={ctx} range={range} steps={steps} />
      </div>
    );
  const { bars, barHours, chartModels } = usage;
  const hasOthers = bars.some((bar) => bar.otherModelsUsd !== "0");
  return (
    <div className="flex flex-col gap-4">
      {steps ? <SetupList steps={steps} /> : null}
      <Attention ctx={ctx} />
      <BudgetNotices ctx={ctx} />
      <UsageStats
        totals={usage.totals}
        previous={usage.previous}
        compared={`previous ${RANGE_WORDS[range]}`}
        requestsDetail={busiestBar(usage)}
      />
      <div className="grid gap-4 lg:grid-cols-3">
        <ChartPanel
          className="lg:col-span-2"
          title="Spend by model"
          minHeight={248}
          unit="usd"
          barHours={barHours}
          series={[
            ...chartModels.map((label, index) => ({ label, color: MODEL_COLORS[index] ?? "" })),
            ...(hasOthers ? [{ label: "Other models", color: "var(--color-chart-other)" }] : []),
          ]}
          bars={bars.map((bar) => ({
            start: bar.start,
            figures: [...bar.costByModelUsd, ...(hasOthers ? [bar.otherModelsUsd] : [])],
            total: bar.costUsd,
          }))}
        />
        <RankList
          title="Top models"
          empty="No models used in this period."
          allHref={usageHref({ range: USAGE_PERIOD[range], group: "model" })}
          ranks={usage.topModels.map((each) => ({
            id: each.model,
            label: each.model,
            detail: `${shortCount(each.requests)} requests`,
            usd: each.costUsd,
            href: `/requests?range=${range}&model=${encodeURIComponent(each.model)}`,
          }))}
        />
        <ChartPanel
          title="Requests"
          minHeight={184}
          unit="count"
          barHours={barHours}
          series={[
            { label: "Succeeded", color: "var(--color-chart-2)" },
            { label: "Failed", color: "var(--color-chart-error)" },
          ]}
          bars={bars.map((bar) => ({
            start: bar.start,
            figures: [bar.requests - bar.errors, bar.errors],
            total: bar.requests,
          }))}
        />
        <ChartPanel
          title="Tokens"
          minHeight={184}
          unit="count"
          barHours={barHours}
          series={[
            { label: "Input", color: "var(--color-chart-2)" },
            { label: "Cached", color: "var(--color-chart-4)" },
            { label: "Output", color: "var(--color-chart-1)" },
          ]}
          bars={bars.map((bar) => ({
            start: bar.start,
            figures: [bar.inputTokens - bar.cachedTokens, bar.cachedTokens, bar.outputTokens],
            total: bar.inputTokens + bar.outputTokens,
          }))}
        />
        <RankList
          title="Top keys"
          empty="No API keys used in this period."
          allHref={usageHref({ range: USAGE_PERIOD[range], group: "api_key" })}
          ranks={usage.topKeys.map((each) => ({
            id: each.id,
            label: each.name ?? "Deleted key",
            detail: each.organizationName ?? "",
            usd: each.costUsd,
            href: `/requests?range=${range}&key=${each.id}`,
          }))}
        />
      </div>
    </div>
  );
}

const BAR_WORDS: Record<number, string> = { 1: "hour", 6: "6 hours", 24: "day" };

/** "390 in the busiest hour" */
const busiestBar = ({ bars, barHours }: UsageOverview) =>
  `${shortCount(Math.max(...bars.map((bar) => bar.requests)))} in the busiest ${BAR_WORDS[barHours]}`;

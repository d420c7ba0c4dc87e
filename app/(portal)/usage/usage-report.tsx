import { ChartPanel } from "#components/charts/chart-panel";
import { NoResults } from "#components/filters/no-results";
import { shortCount } from "#components/format/count";
import { exactTime } from "#components/format/time";
import { comparisonWords, groupText, groupWords } from "#components/format/usage-words";
import { Card } from "#components/ui/card";
import { EmptyState } from "#components/ui/empty-state";
import { Money } from "#components/ui/money";
import { UsageTable } from "#components/usage/usage-table";
import { ServiceError } from "#lib/http/errors";
import { type UsageBreakdown, usageBreakdown } from "#lib/portal/usage/usage-breakdown";
import type { UsageTotals } from "#lib/portal/usage/usage-sums";
import type { ServiceContext } from "#lib/services/context";
import type { UsageGroup } from "#lib/services/usage/usage-question";
import { UsageStats } from "../usage-stats";
import { filteredBy, isFiltered, toBreakdownQuery, type UsageParams, usageHref } from "./usage-params";
import { beforeWords, periodWords } from "./usage-words";

const SERIES_COLORS = [1, 2, 3, 4].map((step) => `var(--color-chart-${step})`);

type Props = { ctx: ServiceContext; params: UsageParams; today: string };

/** What was spent, compared with the days before, as a chart and as a table. */
export async function UsageReport({ ctx, params, today }: Props) {
  const query = toBreakdownQuery(params, today);
  const usage = await usageBreakdown(ctx, query).catch(rejectionOf);
  if (usage instanceof ServiceError) {
    return (
      <Card>
        <EmptyState title="No report">{usage.message}</EmptyState>
      </Card>
    );
  }
  const { totals, before, chart, completeFrom } = usage;
  if (totals.requests === 0) return <Nothing params={params} />;
  return (
    <div className="flex flex-col gap-4">
      <p className="figures text-base text-ink-2">
        <Money usd={totals.costUsd} isTotal className="font-medium text-ink" />{" "}
        {periodWords(query.days, query.period)},{" "}
        {comparisonWords({
          spentUsd: totals.costUsd,
          beforeUsd: before.totals.costUsd,
          isPart: before.isPart,
          beforeWords: beforeWords(query.days, query.period),
        })}
        .
      </p>
      <UsageStats
        totals={totals}
        previous={before.totals}
        compared={before.isPart ? "same part of the days before" : "days before"}
        requestsDetail={`${tokensOfEach(totals)} tokens each`}
      />
      {chart.bars.length === 0 ? null : <SpendChart chart={chart} />}
      <Card>
        <UsageTable
          report={usage.table}
          totals={totals}
          groups={query.groups}
          hrefOf={(path) => {
            const filtered = filteredBy(params, path);
            return filtered && usageHref({ ...filtered, by: null, group: groupWithin(filtered) });
          }}
        />
        <Notes groups={query.groups} completeFrom={completeFrom} />
      </Card>
    </div>
  );
}

function rejectionOf(error: unknown): ServiceError {
  if (error instanceof ServiceError && error.code === "invalid") return error;
  throw error;
}

/** Rounded, for orientation only. */
const tokensOfEach = ({ inputTokens, outputTokens, requests }: UsageTotals) =>
  shortCount(Math.round((inputTokens + outputTokens) / Math.max(1, requests)));

/** What to tell apart in the usage of one group. */
function groupWithin({ model, user, key }: UsageParams): UsageGroup {
  if (model === null) return "model";
  return user === null && key === null ? "user" : "day";
}

const Nothing = ({ params }: Pick<Props, "params">) => (
  <Card>
    {isFiltered(params) ? (
      <NoResults
        what="requests"
        clearHref={usageHref({ range: params.range, from: params.from, to: params.to, group: params.group })}
      />
    ) : (
      <EmptyState title="No usage">No requests ended in this time. Choose other days.</EmptyState>
    )}
  </Card>
);

const SpendChart = ({
  chart: { stackedBy, series, hasOthers, bars, barHours, isOpen },
}: Pick<UsageBreakdown, "chart">) => (
  <ChartPanel
    title={`Spend by ${groupWords(stackedBy).one}`}
    minHeight={248}
    unit="usd"
    barHours={barHours}
    hasEnded={!isOpen}
    series={[
      ...series.map((value, index) => ({
        label: groupText(stackedBy, value, null),
        color: SERIES_COLORS[index] ?? "",
      })),
      ...(hasOthers
        ? [{ label: `Other ${groupWords(stackedBy).many}`, color: "var(--color-chart-other)" }]
        : []),
    ]}
    bars={bars.map(({ start, figuresUsd, totalUsd }) => ({ start, figures: figuresUsd, total: totalUsd }))}
  />
);

function Notes({ groups, completeFrom }: { groups: readonly UsageGroup[]; completeFrom: string | null }) {
  const notes = [
    ...(groups.includes("tag") ? ["A request with two tags counts under both, and once in the total."] : []),
    ...(completeFrom === null ? [] : [`Complete from ${exactTime(completeFrom)} on.`]),
  ];
  return notes.length === 0 ? null : (
    <p className="border-t px-4 py-2.5 text-ink-3 text-xs">{notes.join(" ")}</p>
  );
}

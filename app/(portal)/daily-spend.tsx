import { ChartPanel } from "#components/charts/chart-panel";
import { Card, CardHeader } from "#components/ui/card";
import { dailyUsage } from "#lib/portal/usage/daily-usage";
import type { ServiceContext } from "#lib/services/context";

type Props = { ctx: ServiceContext; scope: Parameters<typeof dailyUsage>[1] };

/** The daily spend of an organization, user, key or app. */
export async function DailySpend({ ctx, scope }: Props) {
  const days = await dailyUsage(ctx, scope);
  if (days.every((day) => day.requests === 0)) {
    return (
      <Card>
        <CardHeader title="Daily spend" className="pb-1" />
        <p className="px-4 pb-5 text-ink-3 text-sm">No requests in the last 30 days.</p>
      </Card>
    );
  }
  return (
    <ChartPanel
      title="Daily spend"
      minHeight={184}
      unit="usd"
      barHours={24}
      series={[{ label: "Spend", color: "var(--color-chart-2)" }]}
      bars={days.map(({ day, cost_usd }) => ({
        start: `${day}T00:00:00.000Z`,
        figures: [cost_usd],
        total: cost_usd,
      }))}
    />
  );
}

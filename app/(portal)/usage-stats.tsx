import { StatStrip } from "#components/charts/stat-strip";
import { change, count, points, share, shortCount } from "#components/format/count";
import { shortUsd, totalUsd } from "#components/format/usd";
import type { UsageTotals } from "#lib/portal/usage/usage-sums";

type Props = {
  totals: UsageTotals;
  /** Of the period before. */
  previous: UsageTotals;
  /** What the figures are compared with: "previous 7 days". */
  compared: string;
  requestsDetail: string;
};

/** What was spent and used in a period, and the change from the one before. */
export function UsageStats({ totals, previous, compared, requestsDetail }: Props) {
  const tokens = totals.inputTokens + totals.outputTokens;
  const errorRate = ratio(totals.errors, totals.requests);
  const previousErrorRate = ratio(previous.errors, previous.requests);
  const [dollars = "", cents] = totalUsd(totals.costUsd).split(".");
  return (
    <StatStrip
      compared={compared}
      stats={[
        {
          label: "Spend",
          value: (
            <>
              {dollars}
              {cents ? <span className="text-ink-3">.{cents}</span> : null}
            </>
          ),
          change: change(Number(totals.costUsd), Number(previous.costUsd)),
          detail: `${perThousand(totals)} per 1,000 requests`,
        },
        {
          label: "Requests",
          value: count(totals.requests),
          change: change(totals.requests, previous.requests),
          detail: requestsDetail,
        },
        {
          label: "Tokens",
          value: shortCount(tokens),
          change: change(tokens, previous.inputTokens + previous.outputTokens),
          detail: `${share(totals.cachedTokens, totals.inputTokens)} of input cached`,
        },
        {
          label: "Error rate",
          value: share(totals.errors, totals.requests),
          change: previous.requests === 0 ? null : points(errorRate, previousErrorRate),
          alarming: errorRate > 0.02 && errorRate > previousErrorRate * 1.1,
          detail: `${count(totals.errors)} failed`,
        },
      ]}
    />
  );
}

const ratio = (part: number, of: number) => (of === 0 ? 0 : part / of);

/** Rounded, for comparison only. */
const perThousand = ({ costUsd, requests }: UsageTotals) =>
  requests === 0 ? "$0.00" : shortUsd(((Number(costUsd) / requests) * 1000).toFixed(9));

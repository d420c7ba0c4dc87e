import { count, shortCount } from "#components/format/count";
import { limitUsd, PERIOD_SPENT } from "#components/format/limit-words";
import { utcDate } from "#components/format/time";
import { exactUsd, totalUsd } from "#components/format/usd";
import { Card } from "#components/ui/card";
import { Money } from "#components/ui/money";
import { Reading } from "#components/ui/reading";
import type { Budget } from "#lib/services/limits";
import type { ScopeUsage } from "#lib/services/usage/scope-usage";
import { BudgetMeter, budgetState } from "./budget-meter";

type Props = { usage: ScopeUsage; budget: Budget | null };

/** A scope's usage in the current period, and what is left of its budget. */
export function UsageCard({ usage, budget: terms }: Props) {
  const { budget } = usage;
  const spent = budget?.spent_usd ?? usage.cost_usd;
  const state = budget ? budgetState(spent, budget.limit_usd) : null;
  return (
    <Card className="p-4 lg:p-5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 className="text-ink-2 text-xs">Spent {PERIOD_SPENT[terms?.period ?? "month"]}</h2>
        <p className="figures text-ink-3 text-xs">{periodWords(usage.period)}</p>
      </div>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-2">
        <span className="figures font-medium text-2xl text-ink sm:text-3xl" data-tip={exactUsd(spent)}>
          {totalUsd(spent)}
        </span>
        <span className="figures text-ink-3 text-sm">
          {budget ? `of ${limitUsd(budget.limit_usd)}` : "No budget"}
        </span>
      </p>
      {budget ? (
        <>
          <BudgetMeter
            spentUsd={spent}
            heldUsd={budget.held_usd}
            limitUsd={budget.limit_usd}
            softPercent={terms?.soft_limit_percent}
            className="mt-4 h-2.5"
          />
          <dl className="figures mt-2.5 flex flex-wrap gap-x-5 gap-y-1 text-xs">
            <Reading label="Remaining">
              <Money usd={budget.remaining_usd} isTotal />
            </Reading>
            {budget.held_usd === "0" ? null : (
              <Reading label="Held">
                <Money usd={budget.held_usd} isTotal />
              </Reading>
            )}
            {budget.spent_usd === usage.cost_usd ? null : (
              <Reading label="Cost of requests">
                <Money usd={usage.cost_usd} isTotal />
              </Reading>
            )}
          </dl>
          {state ? <p className="mt-1.5 font-medium text-danger text-xs">{STATES[state]}</p> : null}
        </>
      ) : null}
      <dl className="figures mt-4 grid grid-cols-3 gap-x-4 border-t pt-3">
        <Figure label="Requests" value={count(usage.requests)} />
        <Figure
          label="Input tokens"
          value={shortCount(usage.input_tokens)}
          exact={count(usage.input_tokens)}
        />
        <Figure
          label="Output tokens"
          value={shortCount(usage.output_tokens)}
          exact={count(usage.output_tokens)}
        />
      </dl>
    </Card>
  );
}

const STATES = { blocked: "All requests are rejected", spent: "Budget exhausted: requests are rejected" };

function Figure({ label, value, exact = value }: { label: string; value: string; exact?: string }) {
  return (
    <div className="min-w-0">
      <dt className="text-ink-3 text-xs">{label}</dt>
      <dd className="truncate font-medium text-base text-ink" title={exact === value ? undefined : exact}>
        {value}
      </dd>
    </div>
  );
}

const DAY_MS = 86_400_000;

/** "1 Nov 2026 – 30 Nov 2026 (UTC)", "21 Nov 2026 (UTC)", "since 3 Oct 2026". */
function periodWords({ start, end }: ScopeUsage["period"]): string {
  const from = utcDate(start, 0);
  if (end === null) return `since ${from}`;
  const last = utcDate(new Date(Date.parse(end) - DAY_MS).toISOString(), 0);
  return from === last ? `${from} (UTC)` : `${from} – ${last} (UTC)`;
}

import { budgetWords, PERIOD_SPENT } from "#components/format/limit-words";
import { Money } from "#components/ui/money";
import { Td } from "#components/ui/table";
import type { Budget } from "#lib/services/limits";
import { BudgetMeter, budgetState } from "./budget-meter";

type Props = { scope: { budget: Budget | null; spent_usd: string; held_usd: string } };

/** The cell of a row with its scope's spend and budget. */
export function BudgetCell({ scope: { budget, spent_usd: spent, held_usd: held } }: Props) {
  const isBlocked = budget !== null && budgetState(spent, budget.limit_usd) === "blocked";
  return (
    <Td>
      <div className="figures relative ml-auto w-fit min-w-32 text-right sm:min-w-44">
        <p className="sm:whitespace-nowrap">
          <Money usd={spent} isTotal className="font-medium text-ink" />
          {budget && !isBlocked ? <span className="text-ink-3"> of {budgetWords(budget)}</span> : null}
        </p>
        {budget && !isBlocked ? (
          <BudgetMeter
            spentUsd={spent}
            heldUsd={held}
            limitUsd={budget.limit_usd}
            softPercent={budget.soft_limit_percent}
            className="mt-1.5 mb-1"
          />
        ) : (
          <p className="text-ink-3 text-xs">{isBlocked ? "Blocked: the budget is $0" : PERIOD_SPENT.month}</p>
        )}
      </div>
    </Td>
  );
}

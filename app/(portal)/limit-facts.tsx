import { budgetWords, rateWords } from "#components/format/limit-words";
import type { Fact } from "#components/ui/facts";
import type { Budget, RateLimits } from "#lib/services/limits";

type Limited = { budget: Budget | null; rate_limits: RateLimits | null };

const NONE = <span className="text-ink-3">None</span>;

/** The budget and rate limits of an entity. */
export function limitFacts({ budget, rate_limits: rates }: Limited): Fact[] {
  const words = rates === null ? [] : rateWords(rates);
  return [
    { label: "Budget", value: budget ? budgetWords(budget) : NONE },
    ...(budget?.soft_limit_percent
      ? [{ label: "Alert threshold", value: `${budget.soft_limit_percent}%` }]
      : []),
    {
      label: "Rate limits",
      value:
        words.length === 0
          ? NONE
          : words.map((word) => (
              <span key={word} className="block">
                {word}
              </span>
            )),
    },
  ];
}

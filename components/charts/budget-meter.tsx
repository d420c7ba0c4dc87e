import { cn } from "#components/ui/cn";

type Props = {
  spentUsd: string;
  heldUsd: string;
  limitUsd: string;
  /** Percent of the limit from which on it is worth a look. */
  softPercent?: number | null;
  className?: string;
};

/** How much of a budget is spent; striped is what is held for requests under way. The figures stand beside it. */
export function BudgetMeter({ spentUsd, heldUsd, limitUsd, softPercent, className }: Props) {
  // Numbers only for the lengths: what is written comes exact from the service.
  const [spent, held, limit] = [Number(spentUsd), Number(heldUsd), Number(limitUsd)];
  const percent = (part: number) => (limit > 0 ? Math.min(100, Math.max(0, (part / limit) * 100)) : 100);
  const used = percent(spent);
  const tone =
    used >= 100 ? "bg-danger" : used >= (softPercent ?? Number.POSITIVE_INFINITY) ? "bg-wait" : "bg-accent";
  return (
    <div className={cn("flex h-1.5 overflow-hidden rounded-full bg-sunken", className)} aria-hidden="true">
      {used > 0 ? <div className={cn("min-w-0.5 rounded-full", tone)} style={{ width: `${used}%` }} /> : null}
      {held > 0 ? (
        <div
          className="hatch min-w-0.5 rounded-r-full text-wait"
          style={{ width: `${Math.min(percent(held), 100 - used)}%` }}
        />
      ) : null}
    </div>
  );
}

/** What a budget's state is called where it is worth a word; null while all is well. */
export function budgetState(spentUsd: string, limitUsd: string): "blocked" | "spent" | null {
  if (Number(limitUsd) === 0) return "blocked";
  return Number(spentUsd) >= Number(limitUsd) ? "spent" : null;
}

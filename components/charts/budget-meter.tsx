import { cn } from "#components/ui/cn";

type Props = {
  spentUsd: string;
  heldUsd: string;
  limitUsd: string;
  /** The percentage of the limit from which the bar shows a warning. */
  softPercent?: number | null;
  className?: string;
};

/** The spent part of a budget; stripes show holds. The figures are next to it, as text. */
export function BudgetMeter({ spentUsd, heldUsd, limitUsd, softPercent, className }: Props) {
  // Numbers are precise enough for lengths; the text uses the exact strings.
  const [spent, held, limit] = [Number(spentUsd), Number(heldUsd), Number(limitUsd)];
  // A budget of zero may have prepaid credit.
  const percent = (part: number) =>
    limit > 0 ? Math.min(100, Math.max(0, (part / limit) * 100)) : spent < limit ? 0 : 100;
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

/** The state of a budget that needs attention; null for others. */
export function budgetState(spentUsd: string, limitUsd: string): "blocked" | "spent" | null {
  if (Number(spentUsd) < Number(limitUsd)) return null;
  return Number(limitUsd) === 0 ? "blocked" : "spent";
}

import { shortUsd } from "#components/format/usd";
import { Reading } from "#components/ui/reading";
import type { RequestStatus } from "#lib/services/requests/ledger-request";

type Props = {
  holdUsd: string;
  costUsd: string;
  overrunUsd: string;
  /** Why the cost is more than the hold. Shown with an overrun. */
  overrunReason: string;
  returnedUsd: string;
  status: RequestStatus;
};

/** The spent part of a hold; stripes show what is still held or was returned. */
export function HoldGauge({ holdUsd, costUsd, overrunUsd, overrunReason, returnedUsd, status }: Props) {
  // Numbers are precise enough for lengths; the text uses the exact strings.
  const [hold, cost, overrun] = [Number(holdUsd), Number(costUsd), Number(overrunUsd)];
  const whole = Math.max(hold, cost);
  if (whole <= 0) return null;
  const percent = (part: number) => `${Math.min(100, (part / whole) * 100)}%`;
  const isHeld = status === "held";
  const rest = Math.max(0, hold - cost);
  return (
    <div>
      <div className="flex h-2.5 gap-0.5" aria-hidden="true">
        {cost > 0 ? (
          <div className="min-w-0.5 rounded-xs bg-accent" style={{ width: percent(cost - overrun) }} />
        ) : null}
        {overrun > 0 ? (
          <div className="min-w-0.5 rounded-xs bg-danger" style={{ width: percent(overrun) }} />
        ) : null}
        {rest > 0 ? (
          <div
            className={`hatch min-w-0.5 flex-1 rounded-xs ring-1 ring-line-strong ring-inset ${isHeld ? "text-wait" : "text-ink-4"}`}
          />
        ) : null}
      </div>
      <dl className="figures mt-2.5 flex flex-wrap gap-x-5 gap-y-1 text-xs">
        <Reading label="Held">{shortUsd(holdUsd)}</Reading>
        {isHeld ? null : <Reading label="Spent">{shortUsd(costUsd)}</Reading>}
        {overrun > 0 ? <Reading label="Over the hold">{shortUsd(overrunUsd)}</Reading> : null}
        {returnedUsd === "0" ? null : <Reading label="Returned">{shortUsd(returnedUsd)}</Reading>}
      </dl>
      {overrun > 0 ? <p className="mt-2 text-ink-2 text-xs">{overrunReason}</p> : null}
    </div>
  );
}

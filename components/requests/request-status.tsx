import { Badge, type Tone } from "#components/ui/badge";
import { StatusDot } from "#components/ui/status-dot";
import type { RequestStatus as Status } from "#lib/services/requests/ledger-request";

type Look = { label: string; tone: Tone };

const LOOKS: Record<Status, Look> = {
  held: { label: "Held", tone: "wait" },
  settled: { label: "Settled", tone: "accent" },
  released: { label: "Released", tone: "neutral" },
  swept: { label: "Swept", tone: "wait" },
  adjustment: { label: "Adjustment", tone: "outline" },
};

type Props = { status: Status; httpStatus: number | null; className?: string };

/** The status of a request. The normal one is the least prominent. */
export function RequestStatus({ status, httpStatus, className }: Props) {
  const { label, tone } = LOOKS[status];
  const failed = httpStatus !== null && httpStatus >= 400;
  if (status === "settled" && !failed) {
    return <StatusDot className={className}>{label}</StatusDot>;
  }
  return (
    <Badge tone={failed ? "danger" : tone} className={className}>
      {status === "held" ? (
        <span className="hatch size-2 rounded-xs ring-1 ring-current ring-inset" aria-hidden="true" />
      ) : null}
      {label}
      {failed ? <span className="figures font-normal">{httpStatus}</span> : null}
    </Badge>
  );
}

export const STATUS_OPTIONS = Object.entries(LOOKS).map(([value, { label }]) => ({ value, label }));

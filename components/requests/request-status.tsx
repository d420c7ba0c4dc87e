import { Badge, type Tone } from "#components/ui/badge";
import { StatusDot } from "#components/ui/status-dot";
import type { RequestStatus as Status } from "#lib/services/requests/ledger-request";

type Look = { label: string; tone: Tone; meaning: string };

const LOOKS: Record<Status, Look> = {
  held: { label: "Held", tone: "wait", meaning: "In progress, with money on hold" },
  settled: { label: "Settled", tone: "accent", meaning: "Answered and charged" },
  released: {
    label: "Released",
    tone: "neutral",
    meaning: "Not charged: the whole hold was returned",
  },
  swept: {
    label: "Swept",
    tone: "wait",
    meaning: "Charged by estimate, because the process ended before settlement",
  },
  adjustment: { label: "Adjustment", tone: "outline", meaning: "A manual correction" },
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

export const statusMeaning = (status: Status): string => LOOKS[status].meaning;
export const STATUS_OPTIONS = Object.entries(LOOKS).map(([value, { label }]) => ({ value, label }));

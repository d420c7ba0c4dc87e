import { Badge, type Tone } from "#components/ui/badge";
import { StatusDot } from "#components/ui/status-dot";
import type { RequestStatus as Status } from "#lib/services/requests/ledger-request";

type Look = { label: string; tone: Tone; meaning: string };

const LOOKS: Record<Status, Look> = {
  held: { label: "Held", tone: "wait", meaning: "Under way: money is held for it" },
  settled: { label: "Settled", tone: "accent", meaning: "Answered, and charged what the provider reported" },
  released: {
    label: "Released",
    tone: "neutral",
    meaning: "The provider billed nothing: all that was held went back",
  },
  swept: {
    label: "Swept",
    tone: "wait",
    meaning: "Its process ended before it was settled: charged by estimate",
  },
  adjustment: { label: "Adjustment", tone: "outline", meaning: "A correction made by hand" },
};

type Props = { status: Status; httpStatus: number | null; className?: string };

/** What became of a request. The usual, settled and fine, is the quietest. */
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

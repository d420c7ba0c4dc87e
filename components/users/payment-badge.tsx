import { dayOf, daysBetween } from "#components/format/calendar";
import { utcDate } from "#components/format/time";
import { Badge } from "#components/ui/badge";
import { StatusDot } from "#components/ui/status-dot";
import type { User } from "#lib/services/users/user";

type Props = { user: Pick<User, "payment_status" | "payment_valid_until">; nowMs: number };

/** From this many days before the end the badge shows a warning. */
const SOON_DAYS = 7;

/** A user's payment status with its date. */
export function PaymentBadge({ user: { payment_status: status, payment_valid_until: until }, nowMs }: Props) {
  if (until === null) return <span className="text-ink-3 text-xs">No date</span>;
  const date = (
    <time dateTime={until} className="figures font-normal">
      {utcDate(until, new Date(nowMs).getUTCFullYear())}
    </time>
  );
  if (status === "expired") return <Badge tone="danger">Expired {date}</Badge>;
  if (daysBetween(dayOf(nowMs), until) <= SOON_DAYS) return <Badge tone="wait">Active until {date}</Badge>;
  return (
    <StatusDot>
      Active <span className="text-ink-3">until {date}</span>
    </StatusDot>
  );
}

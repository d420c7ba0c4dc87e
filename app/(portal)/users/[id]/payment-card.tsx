import { dayOf, daysBetween } from "#components/format/calendar";
import { plural } from "#components/format/limit-words";
import { utcDate } from "#components/format/time";
import { Card, CardHeader } from "#components/ui/card";
import { PaymentActions } from "#components/users/payment-actions";
import { PaymentBadge } from "#components/users/payment-badge";
import type { User } from "#lib/services/users/user";
import { syncExpiryAction, updateUserAction } from "../actions";

type Props = { user: User; mayManage: boolean };

/** A user's payment status, with its actions. */
export function PaymentCard({ user, mayManage }: Props) {
  const nowMs = Date.now();
  return (
    <Card>
      <CardHeader
        title="Payment"
        aside={
          mayManage ? <PaymentActions user={user} update={updateUserAction} sync={syncExpiryAction} /> : null
        }
        className="pb-1"
      />
      <div className="px-4 pb-4">
        <PaymentBadge user={user} nowMs={nowMs} />
        <p className="mt-1.5 text-ink-2 text-sm">{paymentWords(user, nowMs)}</p>
      </div>
    </Card>
  );
}

function paymentWords({ payment_valid_until: until, payment_status: status }: User, nowMs: number): string {
  if (until === null) return "Payment does not expire.";
  const day = utcDate(until, 0);
  if (status === "expired") return `The last valid day was ${day}. Requests are rejected.`;
  const days = daysBetween(dayOf(nowMs), until);
  return days === 0
    ? "Valid until the end of today, UTC."
    : `Valid until the end of ${day}, UTC: ${plural(days, "day")} left.`;
}

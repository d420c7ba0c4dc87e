import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { type paymentStatus, users } from "#lib/db/schema/identity";

type PaymentStatus = (typeof paymentStatus.enumValues)[number];

/** Today in UTC, by the clock that the hold uses. */
const todayUtc = sql`(now() at time zone 'UTC')::date`;

/**
 * A user's payment status today, from the date alone, so that it is right from midnight on. The column has
 * the status that was last stored and audited, by a rejected request or a sync.
 */
export const paymentStatusToday = sql<PaymentStatus>`case
  when ${users.paymentValidUntil} is null then 'none'
  when ${users.paymentValidUntil} < ${todayUtc} then 'expired'
  else 'active' end::payment_status`;

/** The same, worked out once for a query rather than for each row. */
const todayOnce = sql`(select ${todayUtc})`;

/** Whether a payment is active and ends within so many days, by its last day. */
export const paymentEndsWithin = (days: number, until: SQLWrapper = users.paymentValidUntil): SQL =>
  sql`${until} between ${todayOnce} and ${todayOnce} + ${days}::int`;

/** Whether a payment is active, by its last day. */
export const paymentIsActive = (until: SQLWrapper): SQL => sql`${until} >= ${todayOnce}`;

/** Whether a payment has expired, by its last day. */
export const paymentHasEnded = (until: SQLWrapper = users.paymentValidUntil): SQL =>
  sql`${until} < ${todayOnce}`;

/**
 * The column's value for a new date. Never "expired": the next rejected request or sync stores and audits
 * that.
 */
export function storedPaymentStatus(date: string | null): SQL | "none" {
  if (date === null) return "none";
  return sql`case when ${date}::date < ${todayUtc} and ${users.paymentStatus} = 'expired' then 'expired'
    else 'active' end::payment_status`;
}

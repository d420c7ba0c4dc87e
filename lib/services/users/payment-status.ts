import { type SQL, sql } from "drizzle-orm";
import { type paymentStatus, users } from "#lib/db/schema/identity";

export type PaymentStatus = (typeof paymentStatus.enumValues)[number];

/** Today in UTC, on the clock that the hold judges by. */
export const todayUtc = sql`(now() at time zone 'UTC')::date`;

/**
 * What a user's payment is today, from its date alone: it is right from midnight on, whether anything has
 * run since or not. The column says what was last noted (and audited), by a refused request or a sync.
 */
export const paymentStatusToday = sql<PaymentStatus>`case
  when ${users.paymentValidUntil} is null then 'none'
  when ${users.paymentValidUntil} < ${todayUtc} then 'expired'
  else 'active' end::payment_status`;

/**
 * The column's value with a new date. "expired" is noted, and audited, by whoever finds it out: a date in
 * the past that is given here waits for the next request or sync.
 */
export function notedPaymentStatus(date: string | null): SQL | "none" {
  if (date === null) return "none";
  return sql`case when ${date}::date < ${todayUtc} and ${users.paymentStatus} = 'expired' then 'expired'
    else 'active' end::payment_status`;
}

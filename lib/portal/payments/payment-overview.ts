import { and, asc, count, desc, eq, type SQL, sql } from "drizzle-orm";
import { jobRuns, users } from "#lib/db/schema/identity";
import { withOrganizationNames } from "#lib/portal/organizations/with-organization-names";
import type { ServiceContext } from "#lib/services/context";
import { EXPIRY_SYNC_JOB } from "#lib/services/users/expiry-sync-job";
import { paymentEndsWithin, paymentHasEnded, paymentIsActive } from "#lib/services/users/payment-status";
import { toUser, type User, userColumns } from "#lib/services/users/user";
import { visibleUsers } from "#lib/services/users/user-access";

export type PaymentRow = User & { organization_name: string | null };

export type PaymentOverview = {
  active: number;
  endsWithin7Days: number;
  endsWithin30Days: number;
  expired: number;
  /** Users without a date, whose payment does not end. */
  none: number;
  /** The first ones whose payment ends within 30 days. */
  ending: PaymentRow[];
  /** The last ones whose payment has ended. */
  ended: PaymentRow[];
  /** When the daily job last updated the stored statuses, in ISO format; null before its first run. */
  lastSyncAt: string | null;
};

const MOST_LISTED = 10;

/** The payments of the users that the actor sees. */
export async function paymentOverview(ctx: ServiceContext): Promise<PaymentOverview> {
  const { db, actor } = ctx;
  const visible = visibleUsers(actor);
  // By day first: there are far fewer days than users.
  const days = db
    .select({ until: users.paymentValidUntil, users: count().as("users") })
    .from(users)
    .where(visible)
    .groupBy(users.paymentValidUntil)
    .as("days");
  const amount = (condition: SQL) =>
    sql<number>`coalesce(sum(${days.users}) filter (where ${condition}), 0)::int`;
  const [[counts], [ran], ending, ended] = await Promise.all([
    db
      .select({
        active: amount(paymentIsActive(days.until)),
        endsWithin7Days: amount(paymentEndsWithin(7, days.until)),
        endsWithin30Days: amount(paymentEndsWithin(30, days.until)),
        expired: amount(paymentHasEnded(days.until)),
        none: amount(sql`${days.until} is null`),
      })
      .from(days),
    db.select({ endedAt: jobRuns.endedAt }).from(jobRuns).where(eq(jobRuns.name, EXPIRY_SYNC_JOB)),
    db
      .select(userColumns)
      .from(users)
      .where(and(visible, paymentEndsWithin(30)))
      .orderBy(asc(users.paymentValidUntil), asc(users.id))
      .limit(MOST_LISTED),
    db
      .select(userColumns)
      .from(users)
      .where(and(visible, paymentHasEnded()))
      .orderBy(desc(users.paymentValidUntil), asc(users.id))
      .limit(MOST_LISTED),
  ]);
  if (counts === undefined) throw new Error("a count without rows");
  const [endingRows, endedRows] = await Promise.all(
    [ending, ended].map((rows) => withOrganizationNames(ctx, rows.map(toUser))),
  );
  return {
    ...counts,
    ending: endingRows ?? [],
    ended: endedRows ?? [],
    lastSyncAt: ran?.endedAt.toISOString() ?? null,
  };
}

import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { PaymentCounts } from "#components/payments/payment-counts";
import { PaymentList } from "#components/payments/payment-list";
import { PageHeader } from "#components/shell/page-header";
import { Moment } from "#components/ui/moment";
import { SyncExpiry } from "#components/users/sync-expiry";
import { paymentOverview } from "#lib/portal/payments/payment-overview";
import { hasRole } from "#lib/services/role";
import { syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import { serviceContext } from "../service-context";
import { syncAllExpiryAction } from "../users/actions";
import { usersHref } from "../users/user-params";

export const metadata: Metadata = { title: "Payments" };

export default async function PaymentsPage() {
  const ctx = await serviceContext("/payments");
  if (ctx.actor.role === "member") redirect(`/users/${ctx.actor.id}`);
  const nowMs = Date.now();
  const { ending, ended, lastSyncAt, ...counts } = await paymentOverview(ctx);
  const showOrganization = ctx.actor.role === "admin";
  const hrefOf = (payment: "active" | "ends_7" | "ends_30" | "expired" | "none") =>
    usersHref("/users", { payment });
  return (
    <>
      <PageHeader
        title="Payments"
        description={
          <>
            Whose payment is valid, and until when. Last daily sync:{" "}
            {lastSyncAt === null ? "not yet" : <Moment iso={lastSyncAt} nowMs={nowMs} />}.
          </>
        }
      >
        {hasRole(ctx.actor, syncAllExpiry.role) ? <SyncExpiry sync={syncAllExpiryAction} /> : null}
      </PageHeader>
      <div className="flex flex-col gap-4">
        <PaymentCounts
          counts={[
            {
              label: "Active",
              users: counts.active,
              href: hrefOf("active"),
              detail: `${counts.none} without a date`,
            },
            {
              label: "Ends within 7 days",
              users: counts.endsWithin7Days,
              href: hrefOf("ends_7"),
              tone: "wait",
            },
            { label: "Ends within 30 days", users: counts.endsWithin30Days, href: hrefOf("ends_30") },
            { label: "Expired", users: counts.expired, href: hrefOf("expired"), tone: "danger" },
          ]}
        />
        <div className="grid items-start gap-4 xl:grid-cols-2">
          <PaymentList
            title="Ending soon"
            empty="No payment ends within 30 days."
            users={ending}
            more={{ href: hrefOf("ends_30"), users: counts.endsWithin30Days }}
            {...{ nowMs, showOrganization }}
          />
          <PaymentList
            title="Expired"
            empty="No payment has expired."
            users={ended}
            more={{ href: hrefOf("expired"), users: counts.expired }}
            {...{ nowMs, showOrganization }}
          />
        </div>
      </div>
    </>
  );
}

import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AccountActions } from "#components/account/account-actions";
import { roleName } from "#components/format/role-name";
import { EndAllSessions } from "#components/sessions/end-all-sessions";
import { SessionTable } from "#components/sessions/session-table";
import { DetailGrid } from "#components/shell/detail-grid";
import { PageHeader } from "#components/shell/page-header";
import { Card, CardHeader } from "#components/ui/card";
import { Facts } from "#components/ui/facts";
import { organizationName } from "#lib/portal/account/organization-name";
import { hasPassword } from "#lib/services/account/change-own-password";
import { listSessions } from "#lib/services/sessions/list-sessions";
import { serviceContext } from "../service-context";
import { endAllSessionsAction, endSessionAction } from "../sessions/actions";
import { changeNameAction, changePasswordAction } from "./actions";

export const metadata: Metadata = { title: "Account" };

export default async function AccountPage() {
  const ctx = await serviceContext("/account");
  const { actor } = ctx;
  if (actor.kind !== "user") notFound();
  const [{ data: sessions }, withPassword, organization] = await Promise.all([
    listSessions(ctx, { id: actor.id }),
    hasPassword(ctx.db, actor),
    organizationName(ctx),
  ]);
  return (
    <>
      <PageHeader title="Account" description="Your name, your password and where you are signed in.">
        <AccountActions
          name={actor.name}
          hasPassword={withPassword}
          actions={{ changeName: changeNameAction, changePassword: changePasswordAction }}
        />
      </PageHeader>
      <DetailGrid
        main={
          <Card>
            <CardHeader
              title="Sessions"
              aside={
                sessions.some(({ current }) => !current) ? (
                  <EndAllSessions userId={actor.id} others endAll={endAllSessionsAction} />
                ) : null
              }
            />
            <p className="px-4 pb-3 text-ink-3 text-xs">
              The devices where you are signed in. Ending a session signs it out immediately.
            </p>
            <div className="border-t">
              <SessionTable userId={actor.id} sessions={sessions} nowMs={Date.now()} end={endSessionAction} />
            </div>
          </Card>
        }
        aside={
          <Card>
            <CardHeader title="Profile" className="pb-1" />
            <Facts
              facts={[
                { label: "Name", value: actor.name },
                { label: "E-mail", value: actor.email, copy: actor.email },
                { label: "Organization", value: organization ?? "All organizations" },
                { label: "Role", value: roleName(actor.role) },
                { label: "Sign-in", value: withPassword ? "Password" : "Single sign-on" },
              ]}
            />
          </Card>
        }
      />
    </>
  );
}

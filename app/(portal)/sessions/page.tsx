import type { Metadata } from "next";
import { EndAllSessions } from "#components/sessions/end-all-sessions";
import { SessionTable } from "#components/sessions/session-table";
import { PageHeader } from "#components/shell/page-header";
import { Card } from "#components/ui/card";
import { listSessions } from "#lib/services/sessions/list-sessions";
import { serviceContext } from "../service-context";
import { endAllSessionsAction, endSessionAction } from "./actions";

export const metadata: Metadata = { title: "Sessions" };

export default async function SessionsPage() {
  const ctx = await serviceContext("/sessions");
  const { id } = ctx.actor;
  const { data } = await listSessions(ctx, { id });
  return (
    <>
      <PageHeader
        title="Sessions"
        description="The devices where you are signed in. Ending a session signs it out immediately."
      >
        {data.some(({ current }) => !current) ? (
          <EndAllSessions userId={id} others endAll={endAllSessionsAction} />
        ) : null}
      </PageHeader>
      <Card>
        <SessionTable userId={id} sessions={data} nowMs={Date.now()} end={endSessionAction} />
      </Card>
    </>
  );
}

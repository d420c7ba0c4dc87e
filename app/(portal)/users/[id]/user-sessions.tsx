import { EndAllSessions } from "#components/sessions/end-all-sessions";
import { SessionTable } from "#components/sessions/session-table";
import { Card, CardHeader } from "#components/ui/card";
import type { ServiceContext } from "#lib/services/context";
import { listSessions } from "#lib/services/sessions/list-sessions";
import type { User } from "#lib/services/users/user";
import { endAllSessionsAction, endSessionAction } from "../../sessions/actions";

/** Where a user is signed in, for those who may end it. */
export async function UserSessions({ ctx, user }: { ctx: ServiceContext; user: User }) {
  const { id } = user;
  const { data } = await listSessions(ctx, { id });
  const isMine = data.some(({ current }) => current);
  return (
    <Card>
      <CardHeader
        title="Sessions"
        aside={
          data.some(({ current }) => !current) ? (
            <EndAllSessions userId={id} others={isMine} endAll={endAllSessionsAction} />
          ) : null
        }
      />
      {data.length === 0 ? (
        <p className="px-4 pb-4 text-ink-2 text-sm">Not signed in anywhere.</p>
      ) : (
        <SessionTable userId={id} sessions={data} nowMs={Date.now()} end={endSessionAction} />
      )}
    </Card>
  );
}

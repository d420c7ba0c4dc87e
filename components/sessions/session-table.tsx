import { Badge } from "#components/ui/badge";
import { MomentCell } from "#components/ui/moment-cell";
import { ActionsTd, ActionsTh, Table, Td, Th, Tr } from "#components/ui/table";
import type { endSession } from "#lib/services/sessions/end-sessions";
import type { Session } from "#lib/services/sessions/session";
import type { ActionOf } from "#lib/services/verb";
import { EndSession } from "./end-session";

type Props = {
  userId: string;
  sessions: readonly Session[];
  nowMs: number;
  end: ActionOf<typeof endSession>;
};

/** Where a person is signed in. The reader's own session has no button: signing out ends it. */
export function SessionTable({ userId, sessions, nowMs, end }: Props) {
  return (
    <Table
      label="Sessions"
      head={
        <>
          <Th>Device</Th>
          <Th>Address</Th>
          <Th className="text-right">Last seen</Th>
          <Th className="hidden text-right sm:table-cell">Signed in</Th>
          <ActionsTh />
        </>
      }
    >
      {sessions.map((session) => (
        <Tr key={session.id}>
          <Td className="max-w-64" title={session.user_agent ?? undefined}>
            <span className="flex flex-wrap items-center gap-2 font-medium text-ink">
              {session.device}
              {session.current ? <Badge tone="outline">This session</Badge> : null}
            </span>
          </Td>
          <Td className="figures text-ink-2">{session.ip ?? "Unknown"}</Td>
          <MomentCell iso={session.last_seen_at} nowMs={nowMs} />
          <MomentCell iso={session.created_at} nowMs={nowMs} className="hidden sm:table-cell" />
          <ActionsTd>
            {session.current ? null : (
              <EndSession userId={userId} sessionId={session.id} device={session.device} end={end} />
            )}
          </ActionsTd>
        </Tr>
      ))}
    </Table>
  );
}

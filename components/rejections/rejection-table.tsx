import { count } from "#components/format/count";
import { rejectionReason } from "#components/format/rejection-words";
import { Moment } from "#components/ui/moment";
import { MomentCell } from "#components/ui/moment-cell";
import { Table, Td, Th } from "#components/ui/table";
import type { RejectionSum } from "#lib/portal/rejections/summarize-rejections";
import { LastRequests } from "./last-requests";
import { RejectionRow } from "./rejection-row";

type Props = { rejections: readonly RejectionSum[]; nowMs: number; showOrganization: boolean };

/** Rejections by reason and caller, which open to show the last requests; on narrow screens the caller is below the reason. */
export function RejectionTable({ rejections, nowMs, showOrganization }: Props) {
  return (
    <Table
      label="Rejections"
      head={
        <>
          <Th>Reason</Th>
          <Th className="hidden sm:table-cell">Caller</Th>
          {showOrganization ? <Th className="hidden lg:table-cell">Organization</Th> : null}
          <Th className="hidden md:table-cell">Model</Th>
          <Th className="text-right">Requests</Th>
          <Th className="hidden text-right sm:table-cell">Last seen</Th>
        </>
      }
    >
      {rejections.map((rejection) => (
        <RejectionRow
          key={keyOf(rejection)}
          reason={rejectionReason(rejection.code)}
          code={rejection.code}
          columns={showOrganization ? 6 : 5}
          details={
            rejection.last_requests.length === 0 ? null : (
              <LastRequests requests={rejection.last_requests} nowMs={nowMs} />
            )
          }
          firstCell={
            <>
              <span className="mt-0.5 block truncate text-ink-3 text-xs" title={rejection.last_message}>
                {rejection.last_message}
              </span>
              <span className="mt-0.5 flex min-w-0 items-center gap-1.5 text-ink-3 text-xs sm:hidden">
                <span className="truncate">
                  <Who rejection={rejection} />
                </span>
                <Moment iso={rejection.last_at} nowMs={nowMs} className="shrink-0" />
              </span>
            </>
          }
          cells={
            <>
              <Td className="hidden max-w-52 sm:table-cell">
                <span className="block truncate text-ink-2">
                  <Who rejection={rejection} />
                </span>
                {rejection.key_prefix === null ? null : (
                  <code className="block truncate font-mono text-ink-3 text-xs">{rejection.key_prefix}…</code>
                )}
              </Td>
              {showOrganization ? (
                <Td className="hidden max-w-44 truncate text-ink-2 lg:table-cell">
                  {rejection.organization_id === null
                    ? "—"
                    : (rejection.organization_name ?? "Deleted organization")}
                </Td>
              ) : null}
              <Td className="hidden max-w-44 truncate text-ink-2 md:table-cell">{rejection.model ?? "—"}</Td>
              <Td className="figures text-right font-medium text-ink">{count(rejection.count)}</Td>
              <MomentCell iso={rejection.last_at} nowMs={nowMs} className="hidden sm:table-cell" />
            </>
          }
        />
      ))}
    </Table>
  );
}

/** The key or app that sent the request, and the user. */
function Who({ rejection }: { rejection: RejectionSum }) {
  const { organization_id, api_key_id, app_id, user_id, user_name } = rejection;
  if (organization_id === null) return "Unknown caller";
  const by =
    api_key_id !== null
      ? (rejection.api_key_name ?? "Deleted key")
      : app_id !== null
        ? (rejection.app_name ?? "Deleted app")
        : null;
  const user = user_id === null ? null : (user_name ?? "Deleted user");
  return [by, user].filter((name) => name !== null).join(" · ") || "—";
}

const keyOf = (rejection: RejectionSum) =>
  [
    rejection.code,
    rejection.organization_id,
    rejection.user_id,
    rejection.api_key_id,
    rejection.app_id,
    rejection.key_prefix,
    rejection.model,
  ].join(" ");

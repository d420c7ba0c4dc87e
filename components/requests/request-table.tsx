import { Radio } from "lucide-react";
import { count } from "#components/format/count";
import { duration } from "#components/format/duration";
import { Moment } from "#components/ui/moment";
import { HeldMoney, LedgerMoney } from "#components/ui/money";
import { LinkedTr, RowLink, Table, Td, Th } from "#components/ui/table";
import { Tooltip } from "#components/ui/tooltip";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import { RequestStatus } from "./request-status";

type Props = { requests: readonly LedgerRequest[]; nowMs: number; showOrganization: boolean };

/** The ledger. Each row is one link; on narrow screens other columns move below the model. */
export function RequestTable({ requests, nowMs, showOrganization }: Props) {
  return (
    <Table label="Requests">
      <thead>
        <tr>
          <Th>Model</Th>
          <Th className="hidden md:table-cell">Key</Th>
          {showOrganization ? <Th className="hidden xl:table-cell">Organization</Th> : null}
          <Th className="hidden sm:table-cell">Status</Th>
          <Th className="hidden text-right lg:table-cell">Input</Th>
          <Th className="hidden text-right lg:table-cell">Output</Th>
          <Th className="hidden text-right md:table-cell">Duration</Th>
          <Th className="hidden text-right sm:table-cell">Time</Th>
          <Th className="text-right">Cost</Th>
        </tr>
      </thead>
      <tbody>
        {requests.map((request) => (
          <LinkedTr key={request.id}>
            <Td className="max-w-56 sm:max-w-64">
              <span className="flex min-w-0 items-center gap-2">
                <RowLink href={`/requests/${request.id}`}>{request.model}</RowLink>
                {request.stream ? <StreamMark /> : null}
              </span>
              <span className="mt-0.5 flex min-w-0 items-center gap-1.5 text-ink-3 text-xs sm:hidden">
                <RequestStatus status={request.status} httpStatus={request.http_status} />
                <Moment iso={request.created_at} nowMs={nowMs} className="shrink-0" />
                <span className="truncate">{request.api_key_name}</span>
              </span>
            </Td>
            <Td className="hidden max-w-52 truncate text-ink-2 md:table-cell">
              {request.api_key_id === null ? "—" : (request.api_key_name ?? "Deleted key")}
            </Td>
            {showOrganization ? (
              <Td className="hidden max-w-44 truncate text-ink-2 xl:table-cell">
                {request.organization_name ?? "Deleted organization"}
              </Td>
            ) : null}
            <Td className="hidden sm:table-cell">
              <RequestStatus status={request.status} httpStatus={request.http_status} />
            </Td>
            <Td className="figures hidden text-right text-ink-2 lg:table-cell">
              {request.status === "held" ? "—" : count(request.input_tokens)}
            </Td>
            <Td className="figures hidden text-right text-ink-2 lg:table-cell">
              {request.status === "held" ? "—" : count(request.output_tokens)}
            </Td>
            <Td className="figures hidden whitespace-nowrap text-right text-ink-2 md:table-cell">
              {request.latency_ms === null ? "—" : duration(request.latency_ms)}
            </Td>
            <Td className="figures hidden whitespace-nowrap text-right text-ink-2 sm:table-cell">
              <Moment iso={request.created_at} nowMs={nowMs} className="relative" />
            </Td>
            <Td className="whitespace-nowrap text-right">
              {request.status === "held" ? (
                <HeldMoney usd={request.hold_usd} />
              ) : (
                <LedgerMoney usd={request.cost_usd} />
              )}
            </Td>
          </LinkedTr>
        ))}
      </tbody>
    </Table>
  );
}

function StreamMark() {
  return (
    <Tooltip content="Streamed">
      <span className="relative text-ink-4">
        <Radio className="size-3.5" aria-hidden="true" />
        <span className="sr-only">streamed</span>
      </span>
    </Tooltip>
  );
}

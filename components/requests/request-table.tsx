"use client";

import { count } from "#components/format/count";
import { duration } from "#components/format/duration";
import { Moment } from "#components/ui/moment";
import { MomentCell } from "#components/ui/moment-cell";
import { HeldMoney, LedgerMoney } from "#components/ui/money";
import { LinkedTr, RowLink, Table, Td, Th } from "#components/ui/table";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import { RequestStatus } from "./request-status";

type Props = { requests: readonly RequestRow[]; nowMs: number; showOrganization: boolean };

/** What the table shows of a request. */
export type RequestRow = Pick<
  LedgerRequest,
  | "id"
  | "model"
  | "stream"
  | "status"
  | "http_status"
  | "created_at"
  | "api_key_id"
  | "api_key_name"
  | "organization_name"
  | "input_tokens"
  | "output_tokens"
  | "latency_ms"
  | "hold_usd"
  | "cost_usd"
>;

/**
 * The ledger. Each row is one link; on narrow screens other columns move below the model. A client component, so that
 * the browser gets the figures of fifty rows and not, in addition to the HTML, a description of every cell.
 */
export function RequestTable({ requests, nowMs, showOrganization }: Props) {
  return (
    <>
      <StreamIcon />
      <Table
        label="Requests"
        head={
          <>
            <Th>Model</Th>
            <Th className="hidden md:table-cell">Key</Th>
            {showOrganization ? <Th className="hidden xl:table-cell">Organization</Th> : null}
            <Th className="hidden sm:table-cell">Status</Th>
            <Th className="hidden text-right lg:table-cell">Input</Th>
            <Th className="hidden text-right lg:table-cell">Output</Th>
            <Th className="hidden text-right md:table-cell">Duration</Th>
            <Th className="hidden text-right sm:table-cell">Time</Th>
            <Th className="text-right">Cost</Th>
          </>
        }
      >
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
            <MomentCell iso={request.created_at} nowMs={nowMs} inLink className="hidden sm:table-cell" />
            <Td className="whitespace-nowrap text-right">
              {request.status === "held" ? (
                <HeldMoney usd={request.hold_usd} />
              ) : (
                <LedgerMoney usd={request.cost_usd} />
              )}
            </Td>
          </LinkedTr>
        ))}
      </Table>
    </>
  );
}

const STREAM_ICON = "streamed";

/** Defined once and used in each row. The shape is lucide's "radio". */
const StreamIcon = () => (
  <svg className="hidden" aria-hidden="true">
    <symbol
      id={STREAM_ICON}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
    >
      <path d="M16.247 7.761a6 6 0 0 1 0 8.478m2.828-11.306a10 10 0 0 1 0 14.134m-14.15 0a10 10 0 0 1 0-14.134m2.828 11.306a6 6 0 0 1 0-8.478" />
      <circle cx="12" cy="12" r="2" />
    </symbol>
  </svg>
);

const StreamMark = () => (
  <span className="relative text-ink-4" data-tip="Streamed">
    <svg className="size-3.5" aria-hidden="true">
      <use href={`#${STREAM_ICON}`} />
    </svg>
    <span className="sr-only">streamed</span>
  </span>
);

import type { Metadata } from "next";
import { count } from "#components/format/count";
import { outcomeWords, overrunWords } from "#components/format/outcome-words";
import { exactUsd } from "#components/format/usd";
import { AttemptList, hasAttempts } from "#components/requests/attempt-list";
import { CostTable } from "#components/requests/cost-table";
import { HoldGauge } from "#components/requests/hold-gauge";
import { RequestStatus } from "#components/requests/request-status";
import { RequestTimeline } from "#components/requests/request-timeline";
import { DetailGrid } from "#components/shell/detail-grid";
import { DetailHeader } from "#components/shell/detail-header";
import { Callout } from "#components/ui/callout";
import { Card, CardHeader } from "#components/ui/card";
import { Facts } from "#components/ui/facts";
import { type RequestBill, requestBill } from "#lib/portal/requests/request-bill";
import { getRequest } from "#lib/services/requests/get-request";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import { orNotFound } from "../../or-not-found";
import { serviceContext } from "../../service-context";
import { requestFacts } from "./request-facts";

export const metadata: Metadata = { title: "Request" };

export default async function RequestPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await serviceContext(`/requests/${encodeURIComponent(id)}`);
  const request = await orNotFound(getRequest(ctx, { id }));
  const bill = await requestBill(ctx, request);
  return (
    <>
      <DetailHeader
        back={{ href: "/requests", label: "Requests" }}
        title={request.model}
        badge={<RequestStatus status={request.status} httpStatus={request.http_status} />}
        idLabel="request ID"
        id={request.id}
      />
      {request.error_code ? (
        <Callout tone="danger" className="mb-4">
          Failed with <code className="font-mono text-xs">{request.error_code}</code>
          {request.http_status ? ` and status ${request.http_status}` : ""}.
        </Callout>
      ) : null}
      <DetailGrid
        main={
          <>
            <Card className="p-4 lg:p-5">
              <h2 className="text-ink-2 text-xs">{request.status === "held" ? "Held" : "Cost"}</h2>
              <p className="figures mt-1 mb-4 break-all font-medium text-2xl text-ink sm:text-3xl">
                {exactUsd(request.status === "held" ? request.hold_usd : request.cost_usd)}
              </p>
              <HoldGauge
                holdUsd={request.hold_usd}
                costUsd={request.cost_usd}
                overrunUsd={request.overrun_usd}
                overrunReason={overrunWords(request)}
                returnedUsd={bill.returnedUsd}
                status={request.status}
              />
              <p className="mt-3 border-t pt-3 text-ink-2 text-xs">{outcomeWords(request)}</p>
            </Card>
            <Card>
              <CardHeader title="Timeline" />
              <div className="px-4 pb-4">
                <RequestTimeline
                  createdAt={request.created_at}
                  ttftMs={request.ttft_ms}
                  latencyMs={request.latency_ms}
                  settledAt={request.settled_at}
                  endLabel={END_LABELS[request.status]}
                />
              </div>
            </Card>
            {hasAttempts(request) ? (
              <Card>
                <CardHeader title="Attempts" className="pb-2" />
                <AttemptList attempts={request.attempts} />
              </Card>
            ) : null}
            <Card>
              <CardHeader
                title="Tokens and cost"
                aside={<PriceNote request={request} bill={bill} />}
                className="pb-0"
              />
              <CostTable request={request} bill={bill} />
            </Card>
          </>
        }
        aside={
          <Card>
            <CardHeader title="Details" className="pb-1" />
            <Facts facts={requestFacts(request, bill)} />
          </Card>
        }
      />
    </>
  );
}

/** The label of the end in the timeline. A held request has none. */
const END_LABELS: Record<LedgerRequest["status"], string> = {
  held: "Settled",
  settled: "Settled",
  released: "Released",
  swept: "Swept",
  adjustment: "Adjusted",
};

function PriceNote({ request, bill }: { request: LedgerRequest; bill: RequestBill }) {
  const notes = [
    request.usage_source === "estimated" ? "estimated usage" : null,
    request.reasoning_tokens > 0 ? `${count(request.reasoning_tokens)} reasoning tokens` : null,
    bill.breakdown?.aboveInputTokens
      ? `rates for more than ${count(bill.breakdown.aboveInputTokens)} input tokens`
      : null,
  ].filter((note) => note !== null);
  return notes.length > 0 ? <p className="text-ink-3 text-xs">{notes.join(" · ")}</p> : null;
}

import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { HoldGauge } from "#components/charts/hold-gauge";
import { RequestTimeline } from "#components/charts/request-timeline";
import { count } from "#components/format/count";
import { exactUsd } from "#components/format/usd";
import { CostTable } from "#components/tables/cost-table";
import { RequestStatus, statusMeaning } from "#components/tables/request-status";
import { Callout } from "#components/ui/callout";
import { Card, CardHeader } from "#components/ui/card";
import { CopyButton } from "#components/ui/copy-button";
import { Facts } from "#components/ui/facts";
import { ServiceError } from "#lib/http/errors";
import { type ServiceContext, serviceContext } from "#lib/services/context";
import { getRequest, type RequestDetail } from "#lib/services/requests/get-request";
import { requestFacts } from "./request-facts";

export const metadata: Metadata = { title: "Request" };

export default async function RequestPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await serviceContext(`/requests/${encodeURIComponent(id)}`);
  const request = await requestOr404(ctx, id);
  return (
    <>
      <Link
        href="/requests"
        className="mb-3 inline-flex items-center gap-1.5 rounded-sm text-ink-3 text-sm transition-colors hover:text-ink"
      >
        <ArrowLeft className="size-3.5" aria-hidden="true" />
        Requests
      </Link>
      <header className="mb-5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 break-words font-semibold text-ink text-xl">{request.model}</h1>
          <RequestStatus status={request.status} httpStatus={request.httpStatus} />
        </div>
        <p className="mt-0.5 flex min-w-0 items-center gap-1 text-ink-3">
          <code className="min-w-0 truncate font-mono text-xs">{request.id}</code>
          <CopyButton text={request.id} what="request id" />
        </p>
      </header>
      {request.errorCode ? (
        <Callout tone="danger" className="mb-4">
          Ended with <code className="font-mono text-xs">{request.errorCode}</code>
          {request.httpStatus ? ` and status ${request.httpStatus}` : ""}.
        </Callout>
      ) : null}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex flex-col gap-4">
          <Card className="p-4 lg:p-5">
            <h2 className="text-ink-2 text-xs">{request.status === "held" ? "Held" : "Cost"}</h2>
            <p className="figures mt-1 mb-4 break-all font-medium text-2xl text-ink sm:text-3xl">
              {exactUsd(request.status === "held" ? request.holdUsd : request.costUsd)}
            </p>
            <HoldGauge
              holdUsd={request.holdUsd}
              costUsd={request.costUsd}
              overrunUsd={request.overrunUsd}
              returnedUsd={request.returnedUsd}
              status={request.status}
            />
            <p className="mt-3 border-t pt-3 text-ink-2 text-xs">{statusMeaning(request.status)}.</p>
          </Card>
          <Card>
            <CardHeader title="From hold to settlement" />
            <div className="px-4 pb-4">
              <RequestTimeline
                createdAt={request.createdAt}
                ttftMs={request.ttftMs}
                latencyMs={request.latencyMs}
                settledAt={request.settledAt}
                endLabel={request.status === "released" ? "Released" : "Settled"}
              />
            </div>
          </Card>
          <Card>
            <CardHeader title="Tokens and cost" aside={<PriceNote request={request} />} className="pb-0" />
            <CostTable request={request} />
          </Card>
        </div>
        <Card>
          <CardHeader title="Details" className="pb-1" />
          <Facts facts={requestFacts(request)} />
        </Card>
      </div>
    </>
  );
}

async function requestOr404(ctx: ServiceContext, id: string): Promise<RequestDetail> {
  try {
    return await getRequest(ctx, id);
  } catch (error) {
    if (error instanceof ServiceError && error.code === "not_found") notFound();
    throw error;
  }
}

function PriceNote({ request }: { request: RequestDetail }) {
  const notes = [
    request.usageSource === "estimated" ? "usage estimated" : null,
    request.reasoningTokens > 0 ? `${count(request.reasoningTokens)} of output for reasoning` : null,
    request.breakdown?.aboveInputTokens
      ? `rates above ${count(request.breakdown.aboveInputTokens)} input tokens`
      : null,
  ].filter((note) => note !== null);
  return notes.length > 0 ? <p className="text-ink-3 text-xs">{notes.join(" · ")}</p> : null;
}

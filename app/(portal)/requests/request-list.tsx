import Link from "next/link";
import { NoResults } from "#components/filters/no-results";
import { Pager } from "#components/filters/pager";
import { type RequestRow, RequestTable } from "#components/requests/request-table";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";
import type { ServiceContext } from "#lib/services/context";
import { listRequests } from "#lib/services/requests/list-requests";
import { isFiltered, type RequestParams, requestsHref, toQuery } from "./request-params";

export async function RequestList({ ctx, params }: { ctx: ServiceContext; params: RequestParams }) {
  const nowMs = Date.now();
  const page = await listRequests(ctx, toQuery(params, nowMs));
  const hrefAt = (at: string | null) => requestsHref("/requests", { ...params, cursor: at });
  if (page.data.length === 0) {
    if (page.next_cursor !== null) return <NoneYet olderHref={hrefAt(page.next_cursor)} />;
    return <NoRequests filtered={isFiltered(params)} />;
  }
  return (
    <>
      <RequestTable
        requests={page.data.map(toRow)}
        nowMs={nowMs}
        showOrganization={ctx.actor.role === "admin" && params.organization === null}
      />
      <Pager
        shown={page.data.length}
        noun="request"
        cursor={params.cursor}
        nextCursor={page.next_cursor}
        hrefAt={hrefAt}
      />
    </>
  );
}

/** The table is a client component: what it does not show is not sent. */
const toRow = (request: RequestRow): RequestRow => ({
  id: request.id,
  model: request.model,
  stream: request.stream,
  status: request.status,
  http_status: request.http_status,
  created_at: request.created_at,
  api_key_id: request.api_key_id,
  api_key_name: request.api_key_name,
  organization_name: request.organization_name,
  input_tokens: request.input_tokens,
  output_tokens: request.output_tokens,
  latency_ms: request.latency_ms,
  hold_usd: request.hold_usd,
  cost_usd: request.cost_usd,
});

/** A page reads a bounded number of requests, of which none may match. */
const NoneYet = ({ olderHref }: { olderHref: string }) => (
  <EmptyState
    title="No results yet"
    action={
      <Button asChild>
        <Link href={olderHref}>Search older requests</Link>
      </Button>
    }
  >
    No request searched so far matches these filters.
  </EmptyState>
);

function NoRequests({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <NoResults what="requests" clearHref="/requests" />
  ) : (
    <EmptyState
      title="No requests yet"
      action={
        <Button asChild>
          <Link href="/keys">Go to API keys</Link>
        </Button>
      }
    >
      Requests appear here as soon as they start.
    </EmptyState>
  );
}

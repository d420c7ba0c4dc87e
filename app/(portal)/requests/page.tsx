import { Download } from "lucide-react";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { PageHeader } from "#components/shell/page-header";
import { Button } from "#components/ui/button";
import { requestFilterOptions } from "#lib/portal/requests/request-filter-options";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { RequestFilters } from "./request-filters";
import { RequestList } from "./request-list";
import { csvHref, loadRequestParams, requestsHref } from "./request-params";

export const metadata: Metadata = { title: "Requests" };

export default async function RequestsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadRequestParams(searchParams);
  const ctx = await serviceContext(requestsHref("/requests", params));
  const options = await requestFilterOptions(ctx, params.organization);
  return (
    <>
      <PageHeader title="Requests" description="Every request that was allowed, with its exact cost.">
        <Button asChild>
          <a href={csvHref(params, Date.now())} download>
            <Download aria-hidden="true" />
            Export CSV
          </a>
        </Button>
      </PageHeader>
      <RequestFilters options={options} />
      <StreamedTable id={JSON.stringify(params)} what="requests">
        <RequestList ctx={ctx} params={params} />
      </StreamedTable>
    </>
  );
}

import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { ExportCsv } from "#components/filters/export-csv";
import { PageHeader } from "#components/shell/page-header";
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
        <ExportCsv href={csvHref(params, Date.now())} />
      </PageHeader>
      <RequestFilters options={options} />
      <StreamedTable id={JSON.stringify(params)} what="requests">
        <RequestList ctx={ctx} params={params} />
      </StreamedTable>
    </>
  );
}

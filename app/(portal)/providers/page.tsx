import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { CreateProvider } from "#components/providers/create-provider";
import { PageHeader } from "#components/shell/page-header";
import { providerFormOptions } from "#lib/services/providers/provider-forms";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { createProviderAction } from "./actions";
import { ProviderList } from "./provider-list";
import { loadProviderParams, providersHref } from "./provider-params";

export const metadata: Metadata = { title: "Providers" };

export default async function ProvidersPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadProviderParams(searchParams);
  const ctx = await serviceContext(providersHref("/providers", params));
  if (ctx.actor.role !== "admin") notFound();
  return (
    <>
      <PageHeader
        title="Providers"
        description="Where requests are sent. Credentials are stored encrypted and never shown again."
      >
        <CreateProvider options={providerFormOptions()} create={createProviderAction} />
      </PageHeader>
      <StreamedTable id={`${params.cursor}`} what="providers" rows={4}>
        <ProviderList ctx={ctx} params={params} />
      </StreamedTable>
    </>
  );
}

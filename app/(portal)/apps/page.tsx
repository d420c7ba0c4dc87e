import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { CreateApp } from "#components/apps/create-app";
import { PageHeader } from "#components/shell/page-header";
import { appFormOptions } from "#lib/portal/apps/app-form-options";
import { organizationChoices } from "#lib/portal/organizations/organization-choices";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { createAppAction } from "./actions";
import { AppFilters } from "./app-filters";
import { AppList } from "./app-list";
import { appsHref, loadAppParams } from "./app-params";

export const metadata: Metadata = { title: "Apps" };

export default async function AppsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadAppParams(searchParams);
  const ctx = await serviceContext(appsHref("/apps", params));
  if (ctx.actor.role === "member") notFound();
  const [options, organizations] = await Promise.all([
    appFormOptions(ctx),
    organizationChoices(ctx, params.organization),
  ]);
  return (
    <>
      <PageHeader
        title="Apps"
        description="Internal services that authenticate with a secret and send requests on behalf of users."
      >
        {options ? <CreateApp options={options} create={createAppAction} /> : null}
      </PageHeader>
      <AppFilters organizations={organizations} />
      <StreamedTable
        id={[params.organization, params.metadata?.name, params.metadata?.value, params.cursor].join()}
        what="apps"
        rows={6}
      >
        <AppList ctx={ctx} params={params} mayCreate={options !== null} />
      </StreamedTable>
    </>
  );
}

import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { SearchBox } from "#components/filters/search-box";
import { CreateOrganization } from "#components/organizations/create-organization";
import { PageHeader } from "#components/shell/page-header";
import { enabledModelNames } from "#lib/portal/models/enabled-models";
import { MetadataFilter } from "../metadata-filter";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { createOrganizationAction } from "./actions";
import { OrganizationList } from "./organization-list";
import { loadOrganizationParams, organizationsHref } from "./organization-params";

export const metadata: Metadata = { title: "Organizations" };

export default async function OrganizationsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadOrganizationParams(searchParams);
  const ctx = await serviceContext(organizationsHref("/organizations", params));
  if (ctx.actor.role === "member") notFound();
  const isAdmin = ctx.actor.role === "admin";
  return (
    <>
      <PageHeader
        title="Organizations"
        description="Organizations own users, keys and apps, and pay for their usage."
      >
        {isAdmin ? (
          <CreateOrganization models={await enabledModelNames(ctx)} create={createOrganizationAction} />
        ) : null}
      </PageHeader>
      {isAdmin ? (
        <div className="mb-4 flex flex-wrap items-start gap-2">
          <SearchBox label="Search organizations by name" placeholder="Name" />
          <MetadataFilter />
        </div>
      ) : null}
      <StreamedTable
        id={[params.metadata?.name, params.metadata?.value, params.cursor].join()}
        what="organizations"
        rows={6}
      >
        <OrganizationList ctx={ctx} params={params} />
      </StreamedTable>
    </>
  );
}

import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { FilterChip } from "#components/filters/filter-chip";
import { PageHeader } from "#components/shell/page-header";
import { auditFilterOptions } from "#lib/portal/audit/audit-filter-options";
import { organizationChoices } from "#lib/portal/organizations/organization-choices";
import { orNotFound } from "../or-not-found";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { AuditFilters } from "./audit-filters";
import { AuditList } from "./audit-list";
import { auditHref, loadAuditParams } from "./audit-params";

export const metadata: Metadata = { title: "Audit log" };

export default async function AuditPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadAuditParams(searchParams);
  const ctx = await serviceContext(auditHref("/audit", params));
  const options = await orNotFound(auditFilterOptions(ctx));
  const { subject, organization } = params;
  const organizations = organization === null ? [] : await organizationChoices(ctx, organization);
  return (
    <>
      <PageHeader title="Audit log" description="A read-only record of every change." />
      <AuditFilters options={options} />
      {subject || organization ? (
        <div className="mb-4 flex flex-wrap gap-2">
          {subject ? (
            <FilterChip
              label={`Only ${subject}`}
              clearHref={auditHref("/audit", { ...params, subject: null, cursor: null })}
            />
          ) : null}
          {organization ? (
            <FilterChip
              label={`Only ${organizations.find(({ id }) => id === organization)?.name ?? "one organization"}`}
              clearHref={auditHref("/audit", { ...params, organization: null, cursor: null })}
            />
          ) : null}
        </div>
      ) : null}
      <StreamedTable id={JSON.stringify(params)} what="audit log">
        <AuditList ctx={ctx} params={params} />
      </StreamedTable>
    </>
  );
}

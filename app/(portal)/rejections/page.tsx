import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { SegmentedLinks } from "#components/filters/segmented-links";
import { PageHeader } from "#components/shell/page-header";
import { Card } from "#components/ui/card";
import { organizationChoices } from "#lib/portal/organizations/organization-choices";
import { summarizeRejections } from "#lib/portal/rejections/summarize-rejections";
import { serviceContext } from "../service-context";
import { RejectionFilters } from "./rejection-filters";
import { RejectionList } from "./rejection-list";
import { loadRejectionParams, RANGES, rejectionsHref, toRejectionQuery } from "./rejection-params";

export const metadata: Metadata = { title: "Rejections" };

const RANGE_LABELS = {
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};

export default async function RejectionsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadRejectionParams(searchParams);
  const ctx = await serviceContext(rejectionsHref("/rejections", params));
  const isAdmin = ctx.actor.role === "admin";
  const [summary, organizations] = await Promise.all([
    summarizeRejections(ctx, toRejectionQuery(params)),
    isAdmin ? organizationChoices(ctx, params.organization) : [],
  ]);
  return (
    <>
      <PageHeader
        title="Rejections"
        description="Requests that Tollgate rejected before they reached a provider. They cost nothing and are not in the ledger."
      />
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SegmentedLinks
          label="Time"
          segments={RANGES.map((range) => ({
            label: range,
            spoken: RANGE_LABELS[range],
            href: rejectionsHref("/rejections", { ...params, range }),
            current: range === params.range,
          }))}
        />
        <RejectionFilters codes={summary.byCode.map(({ code }) => code)} organizations={organizations} />
      </div>
      <Card>
        <RejectionList summary={summary} params={params} isAdmin={isAdmin} />
      </Card>
    </>
  );
}

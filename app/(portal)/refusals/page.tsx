import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { PageHeader } from "#components/shell/page-header";
import { Card } from "#components/ui/card";
import { SegmentedLinks } from "#components/ui/segmented-links";
import { serviceContext } from "#lib/services/context";
import { organizationNames } from "#lib/services/organizations/organization-names";
import { summarizeRefusals } from "#lib/services/refusals/summarize-refusals";
import { RefusalFilters } from "./refusal-filters";
import { RefusalList } from "./refusal-list";
import { loadRefusalParams, RANGES, refusalsHref, toRefusalQuery } from "./refusal-params";

export const metadata: Metadata = { title: "Refused" };

const SPOKEN = { "1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days" };

export default async function RefusalsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadRefusalParams(searchParams);
  const ctx = await serviceContext(refusalsHref("/refusals", params));
  const isAdmin = ctx.actor.role === "admin";
  const [summary, organizations] = await Promise.all([
    summarizeRefusals(ctx, toRefusalQuery(params)),
    isAdmin ? organizationNames(ctx) : [],
  ]);
  return (
    <>
      <PageHeader
        title="Refused"
        description="What was turned away before anything was held: who, why and how often. It cost nothing, and is not in the ledger."
      />
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SegmentedLinks
          label="Time"
          segments={RANGES.map((range) => ({
            label: range,
            spoken: SPOKEN[range],
            href: refusalsHref("/refusals", { ...params, range }),
            current: range === params.range,
          }))}
        />
        <RefusalFilters codes={summary.byCode.map(({ code }) => code)} organizations={organizations} />
      </div>
      <Card>
        <RefusalList summary={summary} params={params} isAdmin={isAdmin} />
      </Card>
    </>
  );
}

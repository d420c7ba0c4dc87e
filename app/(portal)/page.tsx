import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { SegmentedLinks } from "#components/filters/segmented-links";
import { PageHeader } from "#components/shell/page-header";
import { USAGE_RANGE_NAMES } from "#lib/portal/usage/usage-range";
import { Overview } from "./overview";
import { loadOverviewParams, overviewHref, RANGE_WORDS } from "./overview-params";
import { OverviewSkeleton } from "./overview-skeleton";
import { serviceContext } from "./service-context";
import { Streamed } from "./streamed";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { range } = await loadOverviewParams(searchParams);
  const ctx = await serviceContext(overviewHref("/", { range }));
  return (
    <>
      <PageHeader title="Overview">
        <SegmentedLinks
          label="Time range"
          segments={USAGE_RANGE_NAMES.map((name) => ({
            label: name,
            spoken: RANGE_WORDS[name],
            href: overviewHref("/", { range: name }),
            current: name === range,
          }))}
        />
      </PageHeader>
      <Streamed id={range} fallback={<OverviewSkeleton />}>
        <Overview ctx={ctx} range={range} />
      </Streamed>
    </>
  );
}

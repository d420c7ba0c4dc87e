import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { ExportCsv } from "#components/filters/export-csv";
import { PageHeader } from "#components/shell/page-header";
import type { Role } from "#lib/auth/actor";
import { usageFilterOptions } from "#lib/portal/usage/usage-filter-options";
import type { ServiceContext } from "#lib/services/context";
import type { UsageGroup } from "#lib/services/usage/usage-question";
import { OverviewSkeleton } from "../overview-skeleton";
import { serviceContext } from "../service-context";
import { Streamed } from "../streamed";
import { UsageDates } from "./usage-dates";
import { UsageFilters } from "./usage-filters";
import { UsageGrouping } from "./usage-grouping";
import { csvHref, loadUsageParams, toBreakdownQuery, type UsageParams, usageHref } from "./usage-params";
import { UsageReport } from "./usage-report";

export const metadata: Metadata = { title: "Usage" };

const GROUPS: readonly UsageGroup[] = ["model", "user", "api_key", "organization", "app", "tag", "day"];
const MORE_GROUPS: readonly UsageGroup[] = ["provider", "upstream_model", "endpoint", "hour"];
/** Groups of which those with fewer rights see only one. */
const ONE_FOR: Partial<Record<Role, readonly UsageGroup[]>> = {
  org_admin: ["organization"],
  viewer: ["organization"],
  member: ["organization", "user"],
};

export default async function UsagePage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadUsageParams(searchParams);
  const ctx = await serviceContext(usageHref(params));
  const today = new Date().toISOString().slice(0, 10);
  return (
    <>
      <PageHeader title="Usage" description="What was used and what it cost. Days begin at midnight UTC.">
        <ExportCsv href={csvHref(params, today)} />
      </PageHeader>
      <UsageDates params={params} today={today} />
      <Choices ctx={ctx} params={params} today={today} />
      <Streamed id={JSON.stringify(params)} fallback={<OverviewSkeleton />}>
        <UsageReport ctx={ctx} params={params} today={today} />
      </Streamed>
    </>
  );
}

/** A component of its own, so that the report is read at the same time. */
async function Choices({ ctx, params, today }: { ctx: ServiceContext; params: UsageParams; today: string }) {
  const { role } = ctx.actor;
  const options = await usageFilterOptions(ctx, toBreakdownQuery(params, today).filters);
  return (
    <>
      <UsageFilters options={options} isMember={role === "member"} />
      <UsageGrouping
        common={GROUPS.filter((group) => !ONE_FOR[role]?.includes(group))}
        more={[...MORE_GROUPS, ...options.metadataNames.map((name): UsageGroup => `metadata:${name}`)]}
      />
    </>
  );
}

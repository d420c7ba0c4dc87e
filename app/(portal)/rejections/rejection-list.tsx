import { NoResults } from "#components/filters/no-results";
import { count } from "#components/format/count";
import { RejectionTable } from "#components/rejections/rejection-table";
import { EmptyState } from "#components/ui/empty-state";
import type { RejectionSummary } from "#lib/portal/rejections/summarize-rejections";
import { type RejectionParams, rejectionsHref } from "./rejection-params";

type Props = { summary: RejectionSummary; params: RejectionParams; isAdmin: boolean };

export function RejectionList({ summary: { groups, total, from }, params, isAdmin }: Props) {
  const csvHref = `/api/admin/v1/rejections?${new URLSearchParams({
    format: "csv",
    from,
    ...(params.organization === null ? {} : { organization_id: params.organization }),
    ...(params.code === null ? {} : { code: params.code }),
  })}`;
  if (groups.length === 0) {
    return params.code || params.organization ? (
      <NoResults what="rejections" clearHref={rejectionsHref("/rejections", { range: params.range })} />
    ) : (
      <EmptyState title="No rejections">
        Rejections in this period appear here, with reason and caller.
      </EmptyState>
    );
  }
  return (
    <>
      <RejectionTable
        rejections={groups}
        nowMs={Date.now()}
        showOrganization={isAdmin && params.organization === null}
      />
      <p className="figures border-t px-4 py-2.5 text-ink-3 text-xs">
        {count(total)} {total === 1 ? "request" : "requests"} rejected
        {groups.length < 100 ? "" : ", most frequent first"} ·{" "}
        <a className="underline underline-offset-2 hover:text-ink" href={csvHref} download>
          Download hourly CSV
        </a>
      </p>
    </>
  );
}

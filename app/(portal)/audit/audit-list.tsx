import { NoResults } from "#components/filters/no-results";
import { Pager } from "#components/filters/pager";
import { EmptyState } from "#components/ui/empty-state";
import { auditTable } from "#lib/portal/audit/audit-table";
import type { ServiceContext } from "#lib/services/context";
import { AuditEntry } from "./audit-entry";
import { type AuditParams, auditHref, isFiltered, toAuditQuery } from "./audit-params";

export async function AuditList({ ctx, params }: { ctx: ServiceContext; params: AuditParams }) {
  const { data, next_cursor } = await auditTable(ctx, toAuditQuery(params));
  if (data.length === 0) {
    return isFiltered(params) ? (
      <NoResults what="changes" clearHref="/audit" />
    ) : (
      <EmptyState title="No changes yet">Changes to users, keys and settings appear here.</EmptyState>
    );
  }
  const nowMs = Date.now();
  return (
    <>
      <ol aria-label="Changes">
        {data.map((entry) => (
          <AuditEntry key={entry.id} entry={entry} nowMs={nowMs} />
        ))}
      </ol>
      <Pager
        shown={data.length}
        noun="change"
        cursor={params.cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => auditHref("/audit", { ...params, cursor: at })}
      />
    </>
  );
}

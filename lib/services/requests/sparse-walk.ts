import { and, eq, ne, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Tx } from "#lib/db/client";
import { instances, ledgerState } from "#lib/db/schema/credit";
import { usageGroups, usagePending, usageQuarters } from "#lib/db/schema/usage";
import { equals, type OwnerFilters, ownedBy } from "#lib/services/owners";
import { visibleTo } from "#lib/services/scope";
import { grainFor } from "#lib/services/usage/usage-question";

/** What the rollups tell apart, of a filter of requests. */
export type SparseFilter = OwnerFilters & {
  model?: string | undefined;
  provider?: string | undefined;
  endpoint?: string | undefined;
  tag?: string | undefined;
  failed?: "true" | "false" | undefined;
  status?: string | undefined;
};

/** Of more groups, something is found soon anyway. */
const MOST_GROUPS = 2_000;

/**
 * Where to read on in the ledger, newest first, according to the rollups: the id below which the next request can be that
 * matches a filter. Where only few match, this skips all the others before it.
 * @param before the id before which to look
 * @returns null if there is none; `before` where the rollups do not know
 */
export async function skipTo(
  tx: Tx,
  { actor, filter, range }: { actor: Actor; filter: SparseFilter; range: { from: string } },
  before: string,
): Promise<string | null> {
  if (!isOfEndedRequests(filter)) return before;
  const [row] = await tx.execute<{ knows: boolean; next_id: string | null }>(sql`
    with chosen as materialized (
      select id from ${usageGroups}
      where ${and(inCoarsestCut(actor, filter), matching(actor, filter, usageGroups))} limit ${MOST_GROUPS + 1}
    ), place as materialized (
      -- Ids have the gateway's clock, created_at the database's: an hour of tolerance.
      select tollgate_id_time(${before}) + interval '1 hour' as at
    ), next as materialized (
      select max(found.at) as at from place, lateral (
        select (select q.at from ${usageQuarters} q where q.group_id = chosen.id and q.at <= place.at and q.requests > 0
          ${filter.failed === "true" ? sql`and q.errors > 0` : sql``} order by q.at desc limit 1) as at
        from chosen
        union all
        select max(at) from ${usagePending} where at <= place.at and ${matching(actor, filter, usagePending) ?? sql`true`}
      ) found
      where (select count(*) from chosen) <= ${MOST_GROUPS}
    )
    select (select count(*) from chosen) <= ${MOST_GROUPS}
        -- Requests in flight are in no rollup, and those that an earlier version counted lack details.
        and ${before} <= least(
          tollgate_id_floor(now() - interval '15 minutes'), (select ${instances.oldestOpen} from ${instances} order by 1 limit 1))
        and coalesce((select at from next), 'epoch') >= ${ledgerState.detailedFrom}
        and ${ledgerState.rolledUpFrom} <= ${ledgerState.keptFrom} as knows,
      (select tollgate_id_floor(at + interval '75 minutes')::text from next where at is not null) as next_id
    from ${ledgerState}`);
  if (!row?.knows) return before;
  if (row.next_id === null || row.next_id < range.from) return null;
  return row.next_id < before ? row.next_id : before;
}

/** Whether only requests that have ended can match, not adjustments and those that are held. */
function isOfEndedRequests({ model, provider, endpoint, tag, failed, status }: SparseFilter): boolean {
  if (status !== undefined) return status !== "held" && status !== "adjustment";
  if (model === "adjustment" || endpoint === "adjustment") return false;
  return [model, provider, endpoint, tag].some((name) => name !== undefined) || failed === "true";
}

/** The groups that tell apart what the filter does, and as little else as possible: there are fewer of them. */
function inCoarsestCut(actor: Actor, filter: SparseFilter): SQL | undefined {
  const {
    cut,
    ofAllModels,
    byTags = false,
  } = grainFor(actor, filter, filter.endpoint === undefined ? [] : ["endpoint"]);
  // Owners have no quarter hours.
  if (cut === "owner" || cut === "caller") return eq(usageGroups.cut, "caller");
  const isByTags = sql`(${usageGroups.tags} <> '{}') = ${byTags}`;
  return and(
    eq(usageGroups.cut, cut),
    ofAllModels ? and(eq(usageGroups.model, ""), isByTags) : ne(usageGroups.model, ""),
  );
}

const matching = (
  actor: Actor,
  filter: SparseFilter,
  columns: typeof usageGroups | typeof usagePending,
): SQL | undefined =>
  and(
    visibleTo(actor, columns),
    ownedBy(columns, filter),
    equals(columns.model, filter.model),
    equals(columns.provider, filter.provider),
    equals(columns.endpoint, filter.endpoint),
    filter.tag === undefined ? undefined : sql`${columns.tags} @> array[${filter.tag}]::text[]`,
  );

import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Tx } from "#lib/db/client";
import { ledger } from "#lib/db/schema/credit";
import { formerNames } from "#lib/db/schema/former-names";
import { visibleTo } from "#lib/services/scope";
import { type IdRange, narrowestWalk, ownWalk, rowsOf, type Walk } from "./ledger-walk";
import { type SparseFilter, skipTo } from "./sparse-walk";

/** How many rows of the ledger a page may read: a tenth of a second's work if they are in memory. */
export const MOST_ROWS_READ = 20_000;

/** What is read of them before the rollups are asked where to read on: where many match, that fills the page. */
const FIRST_SHARE = 0.1;

/** What a page has to find. */
export type Search = {
  actor: Actor;
  filter: Parameters<typeof narrowestWalk>[1] & SparseFilter;
  searchedId: string | null;
  range: IdRange;
  /** All conditions but visibility. */
  matching: SQL | undefined;
  limit: number;
  mostRead: number;
};

/** A page's ids, newest first. */
export type IdPage = { ids: string[]; nextCursor: string | null };

/** `lastRead` is null if nothing is left to read. */
type Read = { ids: string[]; lastRead: string | null; sawOwn: boolean };

/**
 * Finds a page of the ledger by reading at most `mostRead` rows: without as many that match, the page is short, or empty, and
 * its cursor says where to read on. What has no match according to the rollups is skipped. The transaction gets settings that
 * let no other plan read more.
 *
 * Another tenant's rows must not show by such a cursor. Where only they were read, the actor's own ones may be behind them:
 * those of a user or key that has moved away are found among the rows of the actor's organization. Names that clients choose
 * may occur anywhere: then all rows with the name are read, as they were before the page had a bound.
 */
export async function boundedPage(tx: Tx, search: Search): Promise<IdPage> {
  await tx.execute(sql`select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_sort', 'off', true), set_config('jit', 'off', true)`);
  if (search.actor.role !== "admin" && search.actor.organizationId === null)
    return { ids: [], nextCursor: null };
  const walk = narrowestWalk(search.actor, search.filter, search.searchedId);
  const firstRows = Math.ceil(search.mostRead * FIRST_SHARE);
  let found = await readAlong(walk, tx, search, firstRows);
  for (const more of [search.mostRead - firstRows, 0]) {
    if (found.lastRead === null) return pageOf(found, search.limit);
    const next = await skipTo(tx, search, found.lastRead);
    if (next === null) return { ids: found.ids, nextCursor: null };
    if (next !== found.lastRead) return afterSkipped(walk, tx, search, found.ids, next);
    if (more > 0) found = await readOn(walk, tx, search, { ...found, lastRead: next }, more);
  }
  if (found.sawOwn) return pageOf(found, search.limit);
  switch (walk.by) {
    case "client_request_id":
    case "session_id":
    case "search":
      return pageOf(await readAlong(walk, tx, search, ALL), search.limit);
    case "user_id":
    case "api_key_id":
      if (!(await hasMovedAway(tx, search.actor, walk.value))) return { ids: [], nextCursor: null };
      return pageOf(await readAlong(ownWalk(search.actor), tx, search, search.mostRead), search.limit);
    default:
      return { ids: [], nextCursor: null };
  }
}

/** What is found after reading more rows. */
async function readOn(
  walk: Walk,
  tx: Tx,
  search: Search,
  { ids, lastRead: to, sawOwn }: Read & { lastRead: string },
  most: number,
): Promise<Read> {
  const rest = { ...search, range: { ...search.range, to }, limit: search.limit - ids.length };
  const found = await readAlong(walk, tx, rest, most);
  return { ...found, ids: [...ids, ...found.ids], sawOwn: sawOwn || found.sawOwn };
}

/** The rest of a page from where the rollups have the next match, which is one that the actor may see. */
async function afterSkipped(walk: Walk, tx: Tx, search: Search, ids: string[], to: string): Promise<IdPage> {
  const limit = search.limit - ids.length;
  if (limit === 0) return { ids, nextCursor: to };
  const rest = { ...search, range: { ...search.range, to }, limit };
  const found = await readAlong(walk, tx, rest, search.mostRead);
  const shown = found.sawOwn ? found : await readAlong(walk, tx, rest, ALL);
  const page = pageOf(shown, limit);
  const nextCursor = page.nextCursor && (await skipTo(tx, search, page.nextCursor));
  return { ids: [...ids, ...page.ids], nextCursor };
}

const ALL = 2_147_483_647;

async function readAlong(walk: Walk, tx: Tx, search: Search, most: number): Promise<Read> {
  const { actor, range, matching, limit } = search;
  const own = visibleTo(actor, ledger);
  const read = rowsOf(walk, range, most);
  const isShort = sql`(select count(*) from page) <= ${limit}`;
  // The page has no order of its own: the planner would sort, and so read, all rows, which are in that order already.
  const [row] = await tx.execute<{ ids: string[]; last_read: string | null; saw_own: boolean | null }>(sql`
    with page as materialized (
      select ${ledger.id} from (${read}) ${ledger} where ${and(own, matching) ?? sql`true`} limit ${limit + 1}
    )
    select array(select id::text from page order by id desc) as ids,
      case when ${isShort} then (select id::text from (${rowsOf(walk, range, 1, most - 1)}) ${ledger}) end as last_read,
      case when ${isShort} then exists (select from (${read}) ${ledger} where ${own ?? sql`true`}) end as saw_own`);
  return { ids: row?.ids ?? [], lastRead: row?.last_read ?? null, sawOwn: row?.saw_own ?? true };
}

const pageOf = ({ ids, lastRead }: Read, limit: number): IdPage =>
  ids.length > limit
    ? { ids: ids.slice(0, limit), nextCursor: ids[limit - 1] ?? null }
    : { ids, nextCursor: lastRead };

async function hasMovedAway(tx: Tx, { organizationId }: Actor, subjectId: string): Promise<boolean> {
  if (organizationId === null) return false;
  const rows = await tx
    .select({ subjectId: formerNames.subjectId })
    .from(formerNames)
    .where(and(eq(formerNames.organizationId, organizationId), eq(formerNames.subjectId, subjectId)));
  return rows.length > 0;
}

import { and, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { ledger } from "#lib/db/schema/credit";

/** Columns that have an index in which their values' rows are in the order of their ids. */
const INDEXED = {
  client_request_id: ledger.clientRequestId,
  session_id: ledger.sessionId,
  api_key_id: ledger.apiKeyId,
  app_id: ledger.appId,
  user_id: ledger.userId,
  organization_id: ledger.organizationId,
};
type IndexedColumn = keyof typeof INDEXED;
/** From the one that finds the fewest rows. */
const COLUMNS: readonly IndexedColumn[] = [
  "client_request_id",
  "session_id",
  "api_key_id",
  "app_id",
  "user_id",
  "organization_id",
];

/** Which rows to walk along an index, newest first: those with a value, those that a search names, or all. */
export type Walk =
  | { by: IndexedColumn; value: string }
  | { by: "search"; text: string; id: string | null }
  | { by: "all" };

/** The ids between which a walk is: `from` inclusive, `to` exclusive. */
export type IdRange = { from: string; to: string };

type Filter = { readonly [column in IndexedColumn]?: string | undefined } & {
  readonly search?: string | undefined;
};

/** The walk that meets the fewest rows besides those that match the filter. */
export function narrowestWalk(actor: Actor, filter: Filter, searchedId: string | null): Walk {
  if (filter.search !== undefined) return { by: "search", text: filter.search, id: searchedId };
  for (const by of COLUMNS) {
    const value = filter[by];
    if (value !== undefined) return { by, value };
  }
  return ownWalk(actor);
}

/** The walk of the rows that the actor may see. */
export function ownWalk({ role, id, organizationId }: Actor): Walk {
  if (role === "admin" || organizationId === null) return { by: "all" };
  return role === "member" ? { by: "user_id", value: id } : { by: "organization_id", value: organizationId };
}

/** The query of a walk's first rows. */
export function rowsOf(walk: Walk, range: IdRange, most: number, offset = 0): SQL {
  const page = sql`limit ${most} offset ${offset}`;
  switch (walk.by) {
    case "all":
      return sql`select * from ${ledger}
        where ${ledger.id} >= ${range.from} and ${ledger.id} < ${range.to} order by ${ledger.id} desc ${page}`;
    case "search": {
      const { text: value, id } = walk;
      const named = [
        rowsOf({ by: "client_request_id", value }, range, offset + most),
        rowsOf({ by: "session_id", value }, range, offset + most),
      ];
      const ids = named.map((rows) => sql`select id from (${rows}) named`);
      if (id !== null) ids.push(sql`select ${id}::uuid where ${id} >= ${range.from} and ${id} < ${range.to}`);
      // Looks up each id, whatever the planner thinks of their number.
      return sql`select ${ledger}.* from (${sql.join(ids, sql` union `)}) named,
        lateral (select * from ${ledger} where ${ledger.id} = named.id limit 1) ${ledger}
        order by ${ledger.id} desc ${page}`;
    }
    default: {
      const column = INDEXED[walk.by];
      const place = (id: string) => sql`(${walk.value}, ${id}::uuid)`;
      // An equality would allow any index in the order of ids, with all the rows between those that match.
      return sql`select * from ${ledger} where ${and(
        sql`${column} is not null`,
        sql`(${column}, ${ledger.id}) >= ${place(range.from)}`,
        sql`(${column}, ${ledger.id}) < ${place(range.to)}`,
      )} order by ${column} desc, ${ledger.id} desc ${page}`;
    }
  }
}

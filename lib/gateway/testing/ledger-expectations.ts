import type postgres from "postgres";
import { expect, test } from "vitest";

/** The ledger row of a request whose client disconnected. */
export const CLIENT_GONE = { http_status: 499, error_code: "client_closed_request" };

/** Expects that nothing is held, and that every counter and the rollup sum to the ledger. */
export async function expectBalancedBooks({ sql }: { sql: postgres.Sql }): Promise<void> {
  const counters = await sql`
    SELECT c.held_usd::float8 AS held, c.open_holds AS open, c.spent_usd = (
      SELECT coalesce(sum(l.cost_usd), 0) FROM ledger l WHERE c.id = ANY (l.counter_ids)) AS exact
    FROM counters c`;
  // At least those of the key, the user and the organization.
  expect(counters.length).toBeGreaterThan(2);
  for (const counter of counters) expect({ ...counter }).toEqual({ held: 0, open: 0, exact: true });
  // Every row has an organization, so no row may be missing from its counters.
  const [organizations] = await sql`
    SELECT (SELECT sum(spent_usd) FROM counters WHERE scope_type = 'organization') =
      (SELECT sum(cost_usd) FROM ledger) AS exact`;
  expect(organizations).toEqual({ exact: true });
  const [ledger] = await sql`
    SELECT sum(cost_usd)::text AS cost, count(*)::int AS rows FROM ledger WHERE status <> 'held'`;
  const [rollup] =
    await sql`SELECT sum(cost_usd)::text AS cost, sum(requests)::int AS rows FROM usage_hourly`;
  expect({ ...rollup }).toEqual({ ...ledger });
}

/** The last test of a file: the books balance after the requests of all others. */
export const testBalancedBooks = (gate: { sql: postgres.Sql }) =>
  test("nothing is left held, and the counters sum to the ledger", () => expectBalancedBooks(gate));

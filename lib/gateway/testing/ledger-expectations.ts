import { expect } from "vitest";
import type { TestGateway } from "./test-gateway";

/** The ledger row of a request whose client disconnected. */
export const CLIENT_GONE = { http_status: 499, error_code: "client_closed_request" };

/** Expects that nothing is held, and that the counters and the rollup sum to the ledger. */
export async function expectBalancedBooks({ sql, seeded }: TestGateway): Promise<void> {
  const [sums] = await sql`
    SELECT (SELECT sum(cost_usd) FROM ledger)::text AS ledger, (SELECT sum(cost_usd) FROM usage_hourly)::text AS rollup,
      (SELECT spent_usd FROM counters WHERE scope_id = ${seeded.ids.organization})::text AS spent,
      (SELECT sum(held_usd) FROM counters)::text AS held`;
  expect(sums).toMatchObject({ held: "0.000000000000", spent: sums?.ledger, rollup: sums?.ledger });
}

import type postgres from "postgres";
import type { Bill } from "#lib/testing/upstream/fake-upstream";
import type { WholeAnswer } from "./clients";
import { Discrepancy } from "./polls";

/** The totals at the end of a run, once every check has passed. */
export type LedgerTotals = {
  rows: number;
  byStatus: { status: string; rows: number; usd: string }[];
  counters: number;
  costUsd: string;
  overrunUsd: string;
  replayed: number;
  /** Settled after a sweep. */
  late: number;
  providerRequests: number;
  wholeAnswers: number;
};

/**
 * Compares ledger, counters and rollup with each other and with what the provider and the clients saw, to the last digit.
 * @throws Discrepancy for the first difference
 */
export async function checkLedger(
  sql: postgres.Sql,
  bills: ReadonlyMap<string, Bill>,
  whole: readonly WholeAnswer[],
): Promise<LedgerTotals> {
  await expectNone("a row is still held", sql`SELECT * FROM ledger WHERE status = 'held'`);
  await expectNone(
    "a counter differs from the sum of its ledger rows, or still has holds",
    sql`
      SELECT c.*, n.cost AS named_cost
      FROM counters c LEFT JOIN (
        SELECT b.id, sum(l.cost_usd) AS cost FROM ledger l, unnest(l.counter_ids) AS b (id) GROUP BY b.id
      ) n ON n.id = c.id
      WHERE c.spent_usd <> c.opening_usd + coalesce(n.cost, 0) OR c.held_usd <> 0 OR c.open_holds <> 0`,
  );
  await expectNone(
    "a row names no counter, or a missing one",
    sql`
      SELECT l.* FROM ledger l
      WHERE l.status <> 'released' AND (cardinality(l.counter_ids) = 0
        OR EXISTS (SELECT FROM unnest(l.counter_ids) AS b (id) WHERE NOT EXISTS (SELECT FROM counters c WHERE c.id = b.id)))`,
  );
  await expectNone(
    "the hourly rollup differs from the sum of the ledger",
    sql`
      WITH summed AS (
        SELECT date_trunc('hour', created_at, 'UTC') AS hour, organization_id, user_id, api_key_id, app_id, model, provider,
          count(*) AS requests, count(*) FILTER (WHERE http_status >= 400) AS errors, sum(input_tokens) AS input_tokens,
          sum(output_tokens) AS output_tokens, sum(cached_tokens) AS cached_tokens, sum(cost_usd) AS cost_usd
        FROM ledger WHERE status <> 'adjustment' GROUP BY 1, 2, 3, 4, 5, 6, 7
      ), stored AS (
        SELECT hour, organization_id, user_id, api_key_id, app_id, model, provider, requests, errors, input_tokens,
          output_tokens, cached_tokens, cost_usd
        FROM usage_hourly WHERE requests <> 0
      )
      (SELECT 'ledger' AS of, * FROM (TABLE summed EXCEPT TABLE stored) a)
      UNION ALL (SELECT 'rollup', * FROM (TABLE stored EXCEPT TABLE summed) b)`,
  );
  await expectNone("a row changed after it had ended", sql`SELECT * FROM chaos_forbidden`);
  await expectNone("an ended process still has a lease", sql`SELECT * FROM instances`);

  const rows = await sql<LedgerRow[]>`
    SELECT id, status, usage_source, output_tokens::int AS output_tokens, trim_scale(cost_usd)::text AS cost FROM ledger`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  checkBills(byId, bills);
  checkWhole(byId, whole);
  return {
    ...(await sums(sql)),
    rows: rows.length,
    providerRequests: bills.size,
    wholeAnswers: whole.length,
  };
}

type LedgerRow = { id: string; status: string; usage_source: string; output_tokens: number; cost: string };

/** `id` is the ledger's primary key, so a request has at most one row. */
function checkBills(rows: ReadonlyMap<string, LedgerRow>, bills: ReadonlyMap<string, Bill>): void {
  for (const [id, { outputTokens }] of bills) {
    const row = rows.get(id);
    if (!row)
      throw new Discrepancy(`the provider received the request ${id}, but the ledger has no row for it`);
    if (row.usage_source === "provider" && row.output_tokens !== outputTokens) {
      throw new Discrepancy(
        `the provider bills ${outputTokens} output tokens for the request ${id}, but the ledger has ${row.output_tokens}`,
      );
    }
  }
}

function checkWhole(rows: ReadonlyMap<string, LedgerRow>, whole: readonly WholeAnswer[]): void {
  for (const { id, costUsd } of whole) {
    const row = rows.get(id);
    if (row?.status !== "settled" && row?.status !== "swept") {
      throw new Discrepancy(
        `a client received the whole answer to ${id}, but the ledger has ${row?.status ?? "no row"}`,
      );
    }
    if (row.status === "settled" && costUsd !== null && row.cost !== costUsd) {
      throw new Discrepancy(
        `a client received the cost $${costUsd} for ${id}, but the ledger has $${row.cost}`,
      );
    }
  }
}

async function sums(sql: postgres.Sql) {
  const byStatus = await sql<{ status: string; rows: number; usd: string }[]>`
    SELECT status, count(*)::int AS rows, trim_scale(sum(cost_usd))::text AS usd FROM ledger GROUP BY 1 ORDER BY 2 DESC`;
  const [all] = await sql<
    { cost: string; overrun: string; replayed: number; counters: number; late: number }[]
  >`
    SELECT trim_scale(coalesce(sum(cost_usd), 0))::text AS cost, trim_scale(coalesce(sum(overrun_usd), 0))::text AS overrun,
      (count(*) FILTER (WHERE fail_open))::int AS replayed, (SELECT count(*)::int FROM counters) AS counters,
      (SELECT count(DISTINCT ledger_id)::int FROM chaos_excess WHERE why = 'late') AS late
    FROM ledger`;
  return {
    byStatus: [...byStatus],
    counters: all?.counters ?? 0,
    costUsd: all?.cost ?? "",
    overrunUsd: all?.overrun ?? "",
    replayed: all?.replayed ?? 0,
    late: all?.late ?? 0,
  };
}

async function expectNone(what: string, query: PromiseLike<readonly object[]>): Promise<void> {
  const found = await query;
  if (found.length === 0) return;
  throw new Discrepancy(
    `${what} (${found.length} in total). The first: ${JSON.stringify(found[0], null, 1)}`,
  );
}

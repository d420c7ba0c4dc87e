import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const AGENTS = 100;
const BUDGET_USD = 0.5;
/** An agent waits for a second when it is told so; the test has no time for that. */
const LONGEST_WAIT_MS = 500;
/** Each of the 100 waits for its turn some hundred times: a few seconds, but minutes beside other tests. */
const TIMEOUT_MS = 300_000;

// An answer costs a fraction of a cent; the worst case that each agent asks for, $1.28.
const gate = await testGateway({
  models: [{ name: "metered", rates: { inputPerMtok: "2.5", outputPerMtok: "20" } }],
});

async function spentUsd(): Promise<number> {
  const [row] =
    await gate.sql`SELECT spent_usd::float8 AS usd FROM counters WHERE scope_id = ${gate.seeded.ids.user}`;
  return row?.usd ?? 0;
}

/** Works until the budget does not cover one more answer; answers what was spent when it was told so. */
async function agent(index: number): Promise<number> {
  const messages = [{ role: "user", content: `You are agent ${index}. Go on.` }];
  for (;;) {
    const response = await gate.chat({
      model: "metered",
      messages,
      max_tokens: 64_000,
      stream: index % 4 === 0,
    });
    const text = await response.text();
    if (response.status === 200) continue;
    const { code } = JSON.parse(text).error;
    if (code === "insufficient_quota") return spentUsd();
    expect([response.status, code]).toEqual([429, "budget_in_flight"]);
    const retryAfterMs = Number(response.headers.get("retry-after")) * 1000;
    expect(retryAfterMs).toBeGreaterThan(0);
    await sleep(Math.random() * Math.min(retryAfterMs, LONGEST_WAIT_MS));
  }
}

describe("100 concurrent agents that ask for 64 000 tokens each, and use a few hundred", () => {
  test(
    "get at least 97 % of a budget of $0.50, and never more than it",
    async () => {
      await gate.sql`
      UPDATE users SET budget_limit_usd = ${BUDGET_USD}, budget_period = 'total' WHERE id = ${gate.seeded.ids.user}`;
      const refusedAt = await Promise.all(Array.from({ length: AGENTS }, (_, index) => agent(index)));
      // No caller was told that nothing is left while something was.
      expect(Math.min(...refusedAt)).toBeGreaterThanOrEqual(0.97 * BUDGET_USD);
      const [counter] = await gate.sql`
      SELECT spent_usd <= ${BUDGET_USD} AS within, held_usd::float8 AS held, open_holds AS open
      FROM counters WHERE scope_id = ${gate.seeded.ids.user}`;
      expect(counter).toEqual({ within: true, held: 0, open: 0 });
      const [rows] = await gate.sql`
      SELECT count(*)::int AS answers, sum(overrun_usd)::float8 AS overrun, count(*) FILTER (WHERE status <> 'settled')::int AS other
      FROM ledger`;
      expect(rows).toMatchObject({ overrun: 0, other: 0 });
      expect(rows?.answers).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );
});

import { beforeEach, describe, expect, test } from "vitest";
import { parseUsd } from "#lib/credit/money";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { raw } from "#lib/testing/upstream/scenario";

const usage = { prompt_tokens: 9, completion_tokens: 500, total_tokens: 509 };
const billedError = JSON.stringify({ error: { message: "The worker failed." }, usage });

const gate = await testGateway({
  models: [{ name: "m", upstreamModel: "fails-billed", rates: MICRODOLLAR_RATES }],
  rules: [{ model: "fails-billed", scenario: raw(200, { "content-type": "application/json" }, billedError) }],
});
await gate.sql`
  INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
  SELECT model_id, provider_id, 'slow-head', price_version_id, 1 FROM model_targets`;
beforeEach(() => {
  gate.upstream.requests.length = 0;
});

async function ask(budgetUsd: string | null) {
  await leaveBudget(gate, budgetUsd);
  const response = await gate.chat({
    model: "m",
    messages: [{ role: "user", content: "Hello!" }],
    max_tokens: 600,
  });
  await response.text();
  const row = await gate.rowOf(response);
  return { status: response.status, row, attempts: gate.upstream.requests.length };
}

describe("after a target that failed and bills it", () => {
  test("raises the hold by that before the next target is tried", async () => {
    const { status, row, attempts } = await ask("0.002");
    expect({ status, attempts }).toEqual({ status: 200, attempts: 2 });
    // 509 tokens of the error, and 14 of the answer.
    expect(row).toMatchObject({ cost_usd: "0.000523000000", overrun_usd: "0.000000000000" });
    expect(Number(row.hold_usd)).toBeGreaterThan(0.000_6 + 0.000_509);
    await expectBalancedBooks(gate);
  });

  test("tries no other target if a budget does not cover both", async () => {
    const { status, row, attempts } = await ask("0.001");
    expect({ status, attempts }).toEqual({ status: 502, attempts: 1 });
    expect(row).toMatchObject({ cost_usd: "0.000509000000", overrun_usd: "0.000000000000" });
    await expectBalancedBooks(gate);
  });

  test("reports it for a sweep while the next target is asked", async () => {
    const asked = ask(null);
    await expect.poll(() => gate.upstream.requests.length).toBe(2);
    const [open] = gate.gateway.inFlight.values();
    expect(open?.progress().ifSweptPicoUsd).toBeGreaterThan(parseUsd("0.000509"));
    await asked;
  });

  test("tries the next target without a budget, too", async () => {
    const { status, attempts } = await ask(null);
    expect({ status, attempts }).toEqual({ status: 200, attempts: 2 });
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { chat } from "#lib/testing/upstream/scenario";

const messages = [{ role: "user", content: "Hello!" }];
const diesAtOnce = chat({}, {}, { does: "reset", at: "before_head" });
const gate = await testGateway({
  models: ["instant", "dies-once", "always-dies"].map((name) => ({
    name,
    rates: { inputPerMtok: "2", outputPerMtok: "8" },
  })),
  rules: [
    { model: "dies-once", scenario: [diesAtOnce, chat({ chunks: 5 })] },
    { model: "always-dies", scenario: diesAtOnce },
  ],
});

async function askOverIdleConnection(model: string) {
  await (await gate.chat({ model: "instant", messages })).text();
  // undici checks a socket that has just become idle before it reuses it.
  await sleep(20);
  const before = gate.upstream.requests.length;
  const response = await gate.chat({ model, messages });
  const row = await gate.settledRow(response.headers.get("x-request-id"));
  return { status: response.status, row, calls: gate.upstream.requests.length - before };
}

test("a kept-alive connection that dies before a byte costs a client nothing", async () => {
  const { status, row, calls } = await askOverIdleConnection("dies-once");
  expect({ status, calls }).toEqual({ status: 200, calls: 2 });
  // 9 × $2 + 5 × $8 per million: the answer, and nothing for the connection that died
  expect(row).toMatchObject({ usage_source: "provider", cost_usd: "0.000058000000", http_status: 200 });
});

test("a fresh connection that dies may have cost something, which is charged once", async () => {
  const { status, row, calls } = await askOverIdleConnection("always-dies");
  expect({ status, calls }).toEqual({ status: 502, calls: 2 });
  expect(row).toMatchObject({ status: "settled", usage_source: "estimated", error_code: "upstream_error" });
  await expectBalancedBooks(gate);
});

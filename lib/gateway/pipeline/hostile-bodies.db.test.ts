import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldsWithBounds } from "#lib/dialects/testing/fields-with-bounds";
import { statusesOf } from "#lib/gateway/testing/body-batches";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { giveBackSpentUsd, leaveBudget } from "#lib/gateway/testing/user-budget";
import { lenient } from "#lib/testing/upstream/scenario";

const BODIES = 1_200;
const AT_ONCE = 20;
const BUDGET_USD = 0.5;

// A provider that takes the greatest bound that it finds under any name, and bills what it generates.
const gate = await testGateway({
  models: [
    { name: "dear", upstreamModel: "gpt-dear", rates: { inputPerMtok: "1", outputPerMtok: "1000" } },
    { name: "bounded", upstreamModel: "gpt-dear", rates: { inputPerMtok: "1", outputPerMtok: "20" } },
  ],
  rules: [{ scenario: lenient({ contextWindow: 100_000, visibleTokens: 3_000 }) }],
});

/** What asks a provider for more: some of it is priced, the rest rejected. */
const raising = fc.constantFrom(
  '"n":3',
  '"n":1,"best_of":4',
  '"extra_body":{"n":5}',
  '"prediction":{"type":"content","content":"one two three four five six seven eight nine ten"}',
  '"thinking_budget":40',
  '"options":{"numPredict":900}',
  '"parameters":{"best_of":3,"max_new_tokens":9}',
  '"candidateCount":4',
  '"models":["dearer"]',
  '"min_tokens":50,"ignore_eos":true',
  '"stream":true',
  '"temperature":0',
);

const body = fc
  .tuple(
    fc.constantFrom("dear", "bounded"),
    fieldsWithBounds(fc.constantFrom("3", "3", "3", "0", "700", "null", "-1")),
    fc.array(raising, { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([model, fields, more, isLast]) => {
    const own = `"model":"${model}","messages":[{"role":"user","content":"Hello!"}]`;
    const parts = [fields, ...more].filter((text) => text.trim() !== "");
    return `{${(isLast ? [...parts, own] : [own, ...parts]).join(",")}}`;
  });

test(`${BODIES} hostile bodies spend no more than is held for them, nor than a hard budget`, async () => {
  await leaveBudget(gate, BUDGET_USD);
  const statuses = await statusesOf(body, {
    bodies: BODIES,
    atOnce: AT_ONCE,
    send: answered,
    // Later bodies are not all rejected for what is spent.
    afterBatch: async () => expect(await giveBackSpentUsd(gate)).toBeLessThanOrEqual(BUDGET_USD),
  });
  const [ledger] = await gate.sql`
    SELECT count(*)::int AS rows, count(*) FILTER (WHERE overrun_usd > 0)::int AS overruns,
      count(*) FILTER (WHERE status = 'held')::int AS held FROM ledger`;
  expect(ledger).toMatchObject({ overruns: 0, held: 0 });
  expect(ledger?.rows).toBeGreaterThan(BODIES / 10);
  expect(statuses.get(200)).toBeGreaterThan(BODIES / 10);
  expect(statuses.get(400)).toBeGreaterThan(BODIES / 10);
}, 120_000);

async function answered(json: string): Promise<number> {
  const response = await gate.chat(json);
  await response.text();
  return response.status;
}

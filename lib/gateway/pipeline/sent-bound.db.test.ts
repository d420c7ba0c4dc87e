import { beforeEach, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { chat } from "#lib/testing/upstream/scenario";

const ASKED = 128_000;
const MOST = 8_192;
const limits = { rates: MICRODOLLAR_RATES, contextWindow: 200_000, maxOutputTokens: MOST };
const gate = await testGateway({
  models: [
    { name: "small", ...limits },
    { name: "claude", providerType: "anthropic", ...limits },
    { name: "beside", ...limits },
    { name: "unlimited", rates: MICRODOLLAR_RATES, contextWindow: 200_000 },
  ],
  rules: ["small", "claude", "beside", "unlimited"].map((model) => ({
    method: "POST",
    path: "/v1/chat/completions",
    model,
    scenario: chat({ chunks: 2 }),
  })),
});
await gate.sql`
  INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
  SELECT ${gate.seeded.ids.models.beside ?? ""}, t.provider_id, t.upstream_model, t.price_version_id, 1
  FROM model_targets t WHERE t.model_id = ${gate.seeded.ids.models.claude ?? ""}`;
await gate.gateway.routing({ fresh: true });

const messages = [{ role: "user", content: "Hello!" }];
const ask = (model: string, fields: object = {}) =>
  gate.post("messages", { model, messages, max_tokens: ASKED, ...fields });

async function heldFor(model: string, fields: object = {}): Promise<number> {
  const answered = await ask(model, fields);
  expect(answered.status).toBe(200);
  await answered.text();
  return Number((await gate.rowOf(answered)).hold_usd) * 1e6;
}

beforeEach(() => leaveBudget(gate, 1));

test("a translated request holds for the bound that is sent, below the client's", async () => {
  const held = await heldFor("small");
  expect(gate.upstream.requests.at(-1)?.body).toMatchObject({ max_tokens: MOST });
  expect(held).toBeGreaterThan(MOST);
  expect(held).toBeLessThan(2 * MOST);
});

test("a budget that covers the bound that is sent twice, but not the client's, has room for both", async () => {
  await leaveBudget(gate, "0.02");
  const answered = await Promise.all([ask("small"), ask("small")]);
  for (const answer of answered) {
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-tollgate-max-tokens")).toBe(String(MOST));
    await answer.text();
    expect(Number((await gate.rowOf(answer)).hold_usd)).toBeLessThan(0.01);
  }
});

test("the client's bound is held beside a route that gets it, or where a model's own is not known", async () => {
  expect(await heldFor("beside")).toBeGreaterThan(ASKED);
  expect(await heldFor("unlimited")).toBeGreaterThan(ASKED);
});

test("the client's bound is held with a budget of thoughts that only it holds", async () => {
  expect(await heldFor("small", { thinking: { type: "enabled", budget_tokens: MOST } })).toBeGreaterThan(
    ASKED,
  );
});

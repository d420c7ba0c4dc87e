import { beforeEach, expect, test } from "vitest";
import { billedAtHosts, usageOf } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const MODEL = "meta-llama/llama-3.3-70b-instruct";
const tiers = [{ aboveInputTokens: 200_000, inputPerMtok: "9", outputPerMtok: "9" }];
const gate = await testGateway({
  models: [
    {
      name: "m",
      upstreamModel: MODEL,
      rates: { inputPerMtok: "0.1", outputPerMtok: "0.325", tiers },
      contextWindow: 131_072,
    },
  ],
});

/** What the providers behind the service charge a million tokens; only the second one has tools. */
const PROVIDERS = [
  { prompt: 0.1, completion: 0.3, hasTools: false },
  { prompt: 0.9, completion: 0.9, hasTools: true },
];
let billedUsd = 0;
let sent: Readonly<Record<string, unknown>> = {};
const atHost = await billedAtHosts(gate, (body, response) => {
  sent = body;
  const { max_price: most } = Object(body.provider);
  const [chosen] = PROVIDERS.filter(
    ({ hasTools, prompt, completion }) =>
      (body.tools === undefined || hasTools) &&
      (most === undefined || (prompt <= most.prompt && completion <= most.completion)),
  );
  if (chosen === undefined) {
    response.writeHead(404, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ error: { code: 404, message: "No endpoints found within the max price." } }),
    );
    return;
  }
  const cost = (100 * chosen.prompt + 1_000 * chosen.completion) / 1e6;
  billedUsd += cost;
  response.writeHead(200, { "content-type": "application/json" });
  const message = { role: "assistant", content: "ok" };
  const usage = { ...usageOf(100, 1_000), cost };
  response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }], usage }));
});

const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
const ask = (fields: object = {}) =>
  gate.chat({ model: "m", messages: [{ role: "user", content: "x" }], max_tokens: 1_000, ...fields });

beforeEach(async () => {
  await atHost("https://openrouter.ai/api/v1");
  billedUsd = 0;
});

test("under a hard budget, OpenRouter is told the most that a provider may charge", async () => {
  await leaveBudget(gate, 1);
  expect((await ask()).status).toBe(200);
  expect(sent.provider).toEqual({ max_price: { prompt: 0.1, completion: 0.325 } });
  expect(sent.model, "leaves all else").toBe(MODEL);
});

test("a request that only dearer providers could serve costs nothing", async () => {
  await leaveBudget(gate, 0.001);
  const before = await spentUsd(gate);
  const { status } = await ask({ tools });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(billedUsd).toBe(0);
  expect(await spentUsd(gate)).toBe(before);
  await expectBalancedBooks(gate);
});

test("messages and responses tell it, too", async () => {
  await leaveBudget(gate, 1);
  const price = { max_price: { prompt: 0.1, completion: 0.325 } };
  const content = [{ role: "user", content: "x" }];
  await gate.post("messages", { model: "m", messages: content, max_tokens: 10 });
  expect(sent.provider).toEqual(price);
  sent = {};
  await gate.post("responses", { model: "m", input: "x", max_output_tokens: 16, store: false });
  expect(sent.provider).toEqual(price);
});

test("without a hard budget, or elsewhere, nothing is added", async () => {
  await leaveBudget(gate, null);
  await ask({ tools });
  expect(sent.provider).toBeUndefined();
  await leaveBudget(gate, 1);
  await atHost("https://llm.example.com/v1");
  await ask();
  expect(sent.provider).toBeUndefined();
});

import { beforeEach, describe, expect, test } from "vitest";
import { answerWhole, billedBy, usageOf } from "#lib/gateway/testing/billing-provider";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const messages = [{ role: "user", content: "x" }];
const rates = { inputPerMtok: "3", outputPerMtok: "15" };
/** What each model reasons, if nothing that it honours stops it. */
const REASONING_TOKENS = 8_000;

const UPSTREAM_MODELS = {
  qwq: "dashscope/qwq-plus",
  "qwen-thinking": "dashscope/qwen3-235b-a22b-thinking-2507",
  qwen: "dashscope/qwen3-32b",
  "qwen-plus": "dashscope/qwen-plus",
  instruct: "dashscope/qwen3-30b-a3b-instruct-2507",
  glm: "dashscope/glm-4.6",
  minimax: "dashscope/MiniMax-M2.1",
  doubao: "volcengine/doubao-seed-1-6-251015",
};

const gate = await testGateway({
  models: Object.entries(UPSTREAM_MODELS).map(([name, upstreamModel]) => ({
    name,
    upstreamModel,
    rates,
    contextWindow: 131_072,
  })),
});

/** Reads only what its provider documents, in the body itself, and does not count reasoning within `max_tokens`. */
function reasoningOf(body: Record<string, unknown>): number {
  const model = String(body.model);
  const { thinking_budget: budget, enable_thinking: enabled, thinking } = body;
  const bounded =
    typeof budget === "number" && budget > 0 ? Math.min(REASONING_TOKENS, budget) : REASONING_TOKENS;
  if (model.includes("instruct")) return 0;
  if (model.includes("thinking-2507")) return bounded;
  if (model.includes("qwen-plus")) return enabled === true ? bounded : 0;
  if (model.includes("qwen3")) return enabled === false ? 0 : bounded;
  if (model.includes("glm")) return enabled === false ? 0 : REASONING_TOKENS;
  if (model.includes("doubao"))
    return JSON.stringify(thinking) === '{"type":"disabled"}' ? 0 : REASONING_TOKENS;
  return REASONING_TOKENS;
}

let billedUsd = 0;
let sentBudgets: unknown[] = [];
await billedBy(gate, (body, response) => {
  const output = Number(body.max_tokens) + reasoningOf(body);
  sentBudgets.push(body.thinking_budget);
  billedUsd += (10 * 3 + output * 15) / 1e6;
  answerWhole(response, "ok", usageOf(10, output));
});

let spentBefore = 0;
beforeEach(async () => {
  billedUsd = 0;
  sentBudgets = [];
  spentBefore = await spentUsd(gate);
});

async function ask(fields: { model: keyof typeof UPSTREAM_MODELS } & Record<string, unknown>) {
  const response = await gate.chat({ messages, max_tokens: 16, ...fields });
  const body = await response.json();
  const row = response.ok ? await gate.rowOf(response) : null;
  return { status: response.status, code: body.error?.code, row };
}

describe("under a hard budget of $0.02, a provider that does not count reasoning within the bound", () => {
  test.each<[Parameters<typeof ask>[0]]>([
    [{ model: "qwq" }],
    [{ model: "qwq", reasoning_tokens: 1 }],
    [{ model: "qwq", budget_tokens: 1 }],
    [{ model: "qwq", thinking_budget: 1 }],
    [{ model: "qwq", thinking: { type: "enabled", budget_tokens: 1 } }],
    [{ model: "qwq", nvext: { enable_thinking: false } }],
    [{ model: "qwq", enable_thinking: false }],
    [{ model: "qwen-thinking", enable_thinking: false }],
    [{ model: "qwen", extra_body: { enable_thinking: false, thinking_budget: 1 } }],
    [{ model: "qwen", thinking: { type: "disabled" } }],
    [{ model: "qwen-plus", enable_thinking: true }],
    [{ model: "glm" }],
    [{ model: "glm", thinking_budget: 1 }],
    [{ model: "minimax" }],
    [{ model: "minimax", enable_thinking: false }],
    [{ model: "doubao", enable_thinking: false }],
  ])("is not asked, since all of it could be billed: %j", async (fields) => {
    await leaveBudget(gate, 0.02);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(fields)));
    for (const { status, code } of answers) expect([status, code]).toEqual([429, "insufficient_quota"]);
    expect(billedUsd).toBe(0);
  });

  test.each<[Parameters<typeof ask>[0], number]>([
    [{ model: "instruct" }, 16],
    [{ model: "qwen-plus" }, 16],
    [{ model: "qwen", enable_thinking: false }, 16],
    [{ model: "glm", enable_thinking: false }, 16],
    [{ model: "doubao", thinking: { type: "disabled" } }, 16],
    [{ model: "qwen", thinking_budget: 500 }, 516],
    [{ model: "qwen-thinking", thinking_budget: 500 }, 516],
  ])("is asked where what it reads bounds the reasoning: %j", async (fields, outputTokens) => {
    await leaveBudget(gate, 0.02);
    const { status, row } = await ask(fields);
    expect(status).toBe(200);
    expect(row).toMatchObject({ output_tokens: String(outputTokens), overrun_usd: "0.000000000000" });
    expect(billedUsd).toBeLessThanOrEqual(0.02);
  });
});

describe("under a hard budget of $0.10, which the most reasoning does not fit,", () => {
  test.each<[Parameters<typeof ask>[0]]>([
    [{ model: "qwen" }],
    [{ model: "qwen", reasoning_tokens: 1, thinking_budget: 0 }],
    [{ model: "qwen-thinking", enable_thinking: false }],
    [{ model: "qwen-plus", enable_thinking: true }],
  ])("a model that keeps to a budget gets a lower one, which is held: %j", async (fields) => {
    await leaveBudget(gate, 0.1);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(fields)));
    const served = answers.filter(({ status }) => status === 200);
    expect(served.length).toBe(1);
    expect(served[0]?.row).toMatchObject({ output_tokens: "4112", overrun_usd: "0.000000000000" });
    expect(sentBudgets).toEqual([4_096]);
    expect((await spentUsd(gate)) - spentBefore).toBeLessThanOrEqual(0.1);
  });

  test("the client's own budget travels", async () => {
    await leaveBudget(gate, 0.1);
    expect((await ask({ model: "qwen", thinking_budget: 900 })).status).toBe(200);
    expect(sentBudgets).toEqual([900]);
  });

  test.each<[Parameters<typeof ask>[0]]>([[{ model: "qwq" }], [{ model: "glm" }], [{ model: "doubao" }]])(
    "a model that does not is not asked: %j",
    async (fields) => {
      await leaveBudget(gate, 0.1);
      expect((await ask(fields)).status).toBe(429);
      expect(sentBudgets).toEqual([]);
    },
  );
});

describe("by the dialects that are translated to its chat,", () => {
  const asMessages = (fields: object) =>
    gate.post("messages", { max_tokens: 16, messages: [{ role: "user", content: "x" }], ...fields });
  const asResponses = (fields: object) =>
    gate.post("responses", { max_output_tokens: 16, input: "x", ...fields });

  test.each<[string, () => Promise<Response>]>([
    ["a switch of messages", () => asMessages({ model: "qwen", thinking: { type: "disabled" } })],
    ["another model's", () => asMessages({ model: "glm", thinking: { type: "disabled" } })],
    [
      "one that the provider would read",
      () => asMessages({ model: "doubao", thinking: { type: "disabled" } }),
    ],
    ["the same of a response", () => asResponses({ model: "doubao", thinking: { type: "disabled" } })],
    ["a flag that is not sent", () => asResponses({ model: "qwen", enable_thinking: false })],
    ["another model's flag", () => asResponses({ model: "glm", enable_thinking: false })],
    ["a budget that is not sent", () => asResponses({ model: "qwen", thinking_budget: 1 })],
    ["no effort", () => asResponses({ model: "qwen", reasoning: { effort: "none" } })],
  ])("%s bounds nothing", async (_, send) => {
    await leaveBudget(gate, 0.02);
    expect((await send()).status).toBe(429);
    expect(billedUsd).toBe(0);
  });

  test.each([
    ["messages", asMessages],
    ["responses", asResponses],
  ])("%s get the lower budget that is held", async (_, send) => {
    await leaveBudget(gate, 0.1);
    const response = await send({ model: "qwen" });
    expect(response.status).toBe(200);
    expect(await gate.rowOf(response)).toMatchObject({
      output_tokens: "4112",
      overrun_usd: "0.000000000000",
    });
    expect(sentBudgets).toEqual([4_096]);
  });
});

test("a budget that covers the most reasoning sends none", async () => {
  await leaveBudget(gate, 3);
  expect((await ask({ model: "qwen" })).row).toMatchObject({ output_tokens: "8016" });
  expect(sentBudgets).toEqual([undefined]);
});

test.each<[Parameters<typeof ask>[0]]>([
  [{ model: "qwq", reasoning_tokens: 1 }],
  [{ model: "qwq", enable_thinking: false }],
  [{ model: "glm" }],
])("a budget that covers the most is held for it, and charged what was billed: %j", async (fields) => {
  await leaveBudget(gate, 3);
  const { status, row } = await ask(fields);
  expect(status).toBe(200);
  expect(Number(row?.hold_usd)).toBeGreaterThan(81_920 * 15e-6);
  expect(row).toMatchObject({
    output_tokens: "8016",
    cost_usd: "0.120270000000",
    overrun_usd: "0.000000000000",
  });
  expect((await spentUsd(gate)) - spentBefore).toBeCloseTo(billedUsd, 9);
});

testBalancedBooks(gate);

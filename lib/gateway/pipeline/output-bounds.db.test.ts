import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";
import { greatestOutputBound } from "#lib/testing/upstream/lenient/output-bounds";
import { chat, lenient } from "#lib/testing/upstream/scenario";

/** The prices: output at $1000 per million tokens, and a common model's $3 and $15. */
const dear = { inputPerMtok: "0", outputPerMtok: "1000" };
const common = { inputPerMtok: "3", outputPerMtok: "15" };
const messages = [{ role: "user", content: "Hello!" }];
const post = { method: "POST", path: "/v1/chat/completions" };

const gate = await testGateway({
  models: [
    { name: "lenient", rates: dear, maxOutputTokens: 300 },
    { name: "predicting", upstreamModel: "gpt-predicting", rates: common },
    { name: "deaf", upstreamModel: "deaf", rates: dear },
    { name: "deaf-too", upstreamModel: "deaf", rates: dear },
    { name: "metered", rates: dear },
  ],
  rules: [
    { ...post, model: "lenient", scenario: lenient({ contextWindow: 100_000, visibleTokens: 4_000 }) },
    { ...post, model: "gpt-predicting", scenario: lenient({ contextWindow: 100_000, visibleTokens: 40 }) },
    { ...post, model: "deaf", scenario: chat({ chunks: 50 }) },
  ],
});

const setProvider = (settings: object, type = "openai-compatible") => gate.sql`
  UPDATE providers SET type = ${type}, settings = ${gate.sql.json({ ...settings })}`;

const refreshed = () => gate.gateway.routing({ fresh: true });

async function ask(fields: object | string) {
  const body = typeof fields === "string" ? fields : { model: "lenient", messages, ...fields };
  const response = await gate.chat(body);
  return { response, body: await response.json(), sent: gate.upstream.requests.at(-1) };
}

let spentBefore = 0;
beforeEach(async () => {
  gate.upstream.requests.length = 0;
  await setProvider({});
  await refreshed();
  spentBefore = await spentUsd(gate);
  await leaveBudget(gate, "0.5");
});
afterEach(() => vi.restoreAllMocks());

describe("under a hard budget of $0.50, with output at $1000 per million tokens", () => {
  test("two different bounds are a 400, and ten at once spend nothing", async () => {
    const attack = { max_completion_tokens: 1, max_tokens: 4000 };
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(attack)));
    for (const { response, body } of answers) {
      expect(response.status).toBe(400);
      expect(body.error).toMatchObject({ code: "invalid_request", param: "max_tokens" });
      expect(body.error.message).toContain("'max_completion_tokens' is 1 and 'max_tokens' is 4000");
    }
    expect(gate.upstream.requests).toEqual([]);
    expect(await spentUsd(gate)).toBe(spentBefore);
  });

  test.each<[string, object]>([
    ["llama.cpp's", { n_predict: 4000 }],
    ["TGI's", { parameters: { max_new_tokens: 4000 } }],
    ["Ollama's", { options: { num_predict: 4000 } }],
    ["Google's, in another case", { generationConfig: { maxOutputTokens: 4000, MAX_OUTPUT_TOKENS: 4000 } }],
    ["zero, which some read as no bound", { max_tokens: 0, options: { num_predict: 0 } }],
    ["the other name of OpenAI's", { max_completion_tokens: 4000 }],
    ["both names of OpenAI's", { max_completion_tokens: 4000, max_tokens: 4000 }],
    ["none", {}],
  ])("ten at once that name %s bound spend no more than the budget", async (_, fields) => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(fields)));
    const statuses = new Set(answers.map(({ response }) => response.status));
    expect([...statuses].toSorted()).toEqual([200, 429]);
    expect((await spentUsd(gate)) - spentBefore).toBeLessThanOrEqual(0.500001);
    for (const { body, rawBody } of gate.upstream.requests) {
      const { max_tokens: held, ...rest } = Object(body);
      expect(greatestOutputBound(rawBody)).toBe(held);
      expect(greatestOutputBound(JSON.stringify(rest))).toBeNull();
    }
  });

  test.each([
    `{"model":"lenient","messages":[{"role":"user","content":"x"}],"max_tokens":1,"max_t\\u006fkens":4000}`,
    `{"model":"lenient","messages":[{"role":"user","content":"x"}],"max_tokens":1,"Max_Tokens":4000}`,
    `{"model":"lenient","messages":[{"role":"user","content":"x"}],"max_tokens":1,"maxTokens":4000}`,
    `{"model":"lenient","messages":[{"role":"user","content":"x"}],"max_tokens":1,"options":{"num_predict":1,"num_predict":4000}}`,
    `{"model":"lenient","messages":[{"role":"user","content":"x"}],"max_tokens":"4000"}`,
    `{"model":"lenient","messages":[{"role":"user","content":"x"}],"n_predict":-1}`,
  ])("%s is a 400", async (json) => {
    const response = await gate.chat(json);
    expect(response.status).toBe(400);
    expect(gate.upstream.requests).toEqual([]);
  });

  test("the provider gets the bound under the name of its settings, or of its type", async () => {
    const fields = { max_tokens: 20, options: { num_predict: 20, seed: 1 } };
    await setProvider({ output_limit_field: "num_predict" });
    await refreshed();
    const rest = { model: "lenient", messages, options: { seed: 1 } };
    expect((await ask(fields)).sent?.body).toEqual({ ...rest, num_predict: 20 });
    await setProvider({}, "openai");
    await refreshed();
    expect((await ask(fields)).sent?.body).toEqual({ ...rest, max_completion_tokens: 20 });
  });
});

test("without a hard budget a body's bounds travel unchanged", async () => {
  await leaveBudget(gate, null);
  const fields = { model: "metered", messages, max_completion_tokens: 5, options: { num_predict: 5 } };
  const { response, sent } = await ask(fields);
  expect(response.status).toBe(200);
  expect(sent?.rawBody).toBe(JSON.stringify(fields));
});

describe("predicted output, which is billed beyond the bound", () => {
  const lines = Array.from({ length: 300 }, (_, at) => `export const value${at} = ${at};`).join("\n");
  const prediction = { type: "content", content: lines };
  const predicting = { model: "predicting", max_tokens: 16, prediction };

  test("of 300 lines is too much for $0.02", async () => {
    await leaveBudget(gate, "0.02");
    const { response, body } = await ask(predicting);
    expect(response.status).toBe(429);
    expect(body.error.code).toBe("insufficient_quota");
    expect(gate.upstream.requests).toEqual([]);
  });

  test("is held for and charged where the budget covers it", async () => {
    await leaveBudget(gate, "0.2");
    const { response } = await ask(predicting);
    expect(response.status).toBe(200);
    const row = await gate.rowOf(response);
    expect(Number(row.cost_usd)).toBeGreaterThan(0.02);
    expect(row).toMatchObject({ status: "settled", overrun_usd: "0.000000000000" });
  });

  test("and a reasoning budget are held for besides the bound", async () => {
    await leaveBudget(gate, "0.02");
    const { response, body } = await ask({ model: "predicting", max_tokens: 16, thinking_budget: 2_000 });
    expect([response.status, body.error?.code]).toEqual([429, "insufficient_quota"]);
  });
});

describe("a provider that ignores the bound", () => {
  test("is an overrun, and is named with the setting to change, once for a model", async () => {
    const warn = vi.spyOn(gate.gateway.log, "warn");
    await leaveBudget(gate, "1");
    const { response } = await ask({ model: "deaf", max_tokens: 7 });
    await ask({ model: "deaf-too", max_tokens: 7 });
    const row = await gate.rowOf(response);
    expect(row).toMatchObject({ hold_usd: "0.007000000000", overrun_usd: "0.043000000000" });
    expect(warn.mock.calls).toEqual([
      [
        expect.objectContaining({ upstream_model: "deaf", output_tokens: 50, output_token_bound: 7 }),
        `The provider generated more than the output bound that was sent as "max_tokens". If it reads another name, set output_limit_field in the settings of the provider "${gate.seeded.providerName}".`,
      ],
    ]);
  });

  test("is not named where no bound was sent, or where it kept to it", async () => {
    const warn = vi.spyOn(gate.gateway.log, "warn");
    await ask({ model: "metered", max_tokens: 7 });
    await leaveBudget(gate, null);
    await ask({ model: "deaf", max_tokens: 8 });
    expect(warn).not.toHaveBeenCalled();
  });
});

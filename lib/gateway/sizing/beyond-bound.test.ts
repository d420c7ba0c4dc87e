import { expect, test } from "vitest";
import { testRoute } from "#lib/gateway/testing/test-model";
import { countedTokensBeyondBound, tokensBeyondBound } from "./beyond-bound";

const code = Array.from({ length: 300 }, (_, at) => `export const value${at} = ${at};`).join("\n");
const none = { predictedTexts: [], reasoningBudgetTokens: 0, isReasoningOff: false };

test("bounds predicted texts by their bytes, and adds the reasoning budget", () => {
  expect(tokensBeyondBound(none, [testRoute()])).toBe(0);
  const both = { ...none, predictedTexts: ["é", "ab"], reasoningBudgetTokens: 10 };
  expect(tokensBeyondBound(both, [testRoute()])).toBe(14);
});

test("counts predicted texts near a limit, never more than their bytes", async () => {
  const call = { ...none, predictedTexts: [code], reasoningBudgetTokens: 10 };
  const counted = await countedTokensBeyondBound(call, [testRoute("gpt-4o")]);
  expect(counted).toBeGreaterThan(1_500);
  expect(counted).toBeLessThan(tokensBeyondBound(call, [testRoute("gpt-4o")]) / 2);
  expect(await countedTokensBeyondBound(call, [testRoute("other")])).toBeGreaterThan(counted);
  expect(await countedTokensBeyondBound({ ...none, predictedTexts: ["🫠"] }, [testRoute("other")])).toBe(4);
  expect(await countedTokensBeyondBound(none, [testRoute()])).toBe(0);
});

const DASHSCOPE = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1";

test.each([
  [DASHSCOPE, "qwq-plus", 81_920],
  [DASHSCOPE, "qwen3-32b", 81_920],
  [DASHSCOPE, "qwen3-235b-a22b-thinking-2507", 81_920],
  [DASHSCOPE, "qwen3-30b-a3b-instruct-2507", 0],
  [DASHSCOPE, "qwen-max", 0],
  ["http://127.0.0.1:8000/v1", "qwen3-32b", 0],
  ["http://127.0.0.1:8000/v1", "Qwen/Qwen3-32B", 0],
  ["http://litellm:4000", "dashscope/qwen3-32b", 81_920],
  ["http://litellm:4000", "openai/siliconflow/deepseek-r1", 81_920],
  ["http://litellm:4000", "alibaba/qwen3.5-plus", 81_920],
  ["https://openrouter.ai/api/v1", "qwen/qwen3-32b", 81_920],
  ["https://openrouter.ai/api/v1", "qwen/qwen-2.5-72b-instruct", 0],
  ["https://ai-gateway.vercel.sh/v1", "alibaba/qwen-3-32b", 81_920],
  ["https://ark.cn-beijing.volces.com/api/v3", "doubao-seed-1-6-251015", 81_920],
  ["http://litellm:4000", "volcengine/doubao-seed-1.6-thinking", 81_920],
  ["https://api.lkeap.cloud.tencent.com/v1", "deepseek-r1", 81_920],
])("adds the reasoning of models that reason by themselves, at %s: %s", (baseUrl, model, tokens) => {
  const route = testRoute(model);
  const routes = [testRoute(), { ...route, target: { ...route.target, baseUrl } }];
  expect(tokensBeyondBound(none, routes)).toBe(tokens);
  expect(tokensBeyondBound({ ...none, isReasoningOff: true }, routes)).toBe(0);
  expect(tokensBeyondBound({ ...none, reasoningBudgetTokens: 100 }, routes)).toBe(100);
});

test("adds nothing where the provider's name for the bound counts reasoning, as at Volcengine", () => {
  const route = testRoute("doubao-seed-1-6-251015");
  const target = { ...route.target, baseUrl: "https://ark.cn-beijing.volces.com/api/v3" };
  const wire = { ...route.wire, outputLimitField: "max_completion_tokens" };
  expect(tokensBeyondBound(none, [{ ...route, target, wire }])).toBe(0);
});

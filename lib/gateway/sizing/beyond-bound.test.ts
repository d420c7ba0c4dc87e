import { expect, test } from "vitest";
import { NOTHING_ASKED } from "#lib/dialects/bounds/reasoning-settings";
import { testRoute } from "#lib/gateway/testing/test-model";
import {
  countedTokensBeyondBound,
  leastTokensBeyondBound,
  reasoningLimitFor,
  tokensBeyondBound,
} from "./beyond-bound";

const code = Array.from({ length: 300 }, (_, at) => `export const value${at} = ${at};`).join("\n");
const none = { predictedTexts: [], reasoning: NOTHING_ASKED };
const ten = { ...NOTHING_ASKED, budgetTokens: 10 };

test("bounds predicted texts by their bytes, and adds the reasoning budget", () => {
  expect(tokensBeyondBound(none, 100, [testRoute()])).toBe(0);
  const both = { ...none, predictedTexts: ["é", "ab"], reasoning: ten };
  expect(tokensBeyondBound(both, 100, [testRoute()])).toBe(14);
});

test("counts predicted texts near a limit, never more than their bytes", async () => {
  const call = { ...none, predictedTexts: [code], reasoning: ten };
  const counted = await countedTokensBeyondBound(call, 100, [testRoute("gpt-4o")]);
  expect(counted).toBeGreaterThan(1_500);
  expect(counted).toBeLessThan(tokensBeyondBound(call, 100, [testRoute("gpt-4o")]) / 2);
  expect(await countedTokensBeyondBound(call, 100, [testRoute("other")])).toBeGreaterThan(counted);
  expect(await countedTokensBeyondBound({ ...none, predictedTexts: ["🫠"] }, 100, [testRoute("other")])).toBe(
    4,
  );
  expect(await countedTokensBeyondBound(none, 100, [testRoute()])).toBe(0);
});

test("adds the reasoning of the route that may bill the most of it", () => {
  const route = testRoute("qwq-plus");
  const apart = { ...route, target: { ...route.target, baseUrl: "https://dashscope.aliyuncs.com/v1" } };
  expect(tokensBeyondBound({ ...none, reasoning: ten }, 100, [testRoute(), apart])).toBe(81_920);
});

test("covers a picture that is begun below the bound, near a limit too", async () => {
  const routes = [testRoute(), testRoute("gemini-3-pro-image")];
  expect(tokensBeyondBound(none, 100, routes)).toBe(2_520);
  expect(leastTokensBeyondBound(none, 100, routes)).toBe(2_520);
  expect(await countedTokensBeyondBound(none, 100, routes)).toBe(2_520);
  expect(tokensBeyondBound(none, 100, [testRoute("gemini-3-pro-preview")])).toBe(0);
});

test("near a limit, a route that takes a budget of reasoning is lowered to it, and others are not", async () => {
  const at = (model: string) => {
    const route = testRoute(model);
    return { ...route, target: { ...route.target, baseUrl: "https://dashscope.aliyuncs.com/v1" } };
  };
  expect(tokensBeyondBound(none, 100, [at("qwen3-32b")])).toBe(81_920);
  expect(await countedTokensBeyondBound(none, 100, [at("qwen3-32b")])).toBe(4_096);
  expect(leastTokensBeyondBound(none, 100, [at("qwen3-32b"), testRoute()])).toBe(4_096);
  expect(reasoningLimitFor(none, at("qwen3-32b"))).toBe(4_096);
  expect(leastTokensBeyondBound(none, 100, [at("qwen3-32b"), at("qwq-plus")])).toBe(81_920);
  expect(reasoningLimitFor(none, at("qwq-plus"))).toBeNull();
  const named = { ...none, reasoning: { ...ten, thinkingBudgetTokens: 10, isAsked: true } };
  expect(leastTokensBeyondBound(named, 100, [at("qwen3-32b")])).toBe(10);
  expect(reasoningLimitFor(named, at("qwen3-32b"))).toBeNull();
});

test.each<[string, string, number, number]>([
  ["bedrock/openai.gpt-oss-120b-1:0", "http://127.0.0.1:4000/v1", 1, 15],
  ["gpt-5-mini", "https://llm.example.com/v1", 10, 6],
  ["xai.grok-4", "https://llm.example.com/v1", 1, 15],
  ["azure/o3", "https://llm.example.com/v1", 15, 1],
  ["gpt-5-mini", "https://llm.example.com/v1", 16, 0],
  ["gpt-5-mini", "https://api.openai.com/v1", 1, 0],
  ["grok-4", "https://api.x.ai/v1", 1, 81_920],
  ["grok-3", "https://api.x.ai/v1", 1, 0],
  ["gpt-5", "https://acme.openai.azure.com/openai/v1", 1, 0],
  ["qwen3-32b", "http://127.0.0.1:8000/v1", 1, 0],
])(
  "%s at %s with a bound of %s may be billed %i more, to which proxies raise it",
  async (model, baseUrl, bound, more) => {
    const route = testRoute(model);
    const routes = [{ ...route, target: { ...route.target, baseUrl } }];
    expect(tokensBeyondBound(none, bound, routes)).toBe(more);
    expect(leastTokensBeyondBound(none, bound, routes)).toBe(more);
    expect(await countedTokensBeyondBound(none, bound, routes)).toBe(more);
  },
);

test.each<[string, string, object, number]>([
  [
    "anthropic/claude-sonnet-4.5",
    "https://ai-gateway.vercel.sh/v1",
    { isAsked: true, withinBoundTokens: 3_999 },
    3_999,
  ],
  ["anthropic/claude-sonnet-4.5", "https://ai-gateway.vercel.sh/v1", { isAsked: true }, 3_800],
  ["vercel_ai_gateway/anthropic/claude-sonnet-4.5", "http://litellm:4000", { isAsked: true }, 3_800],
  ["anthropic/claude-sonnet-4.5", "https://ai-gateway.vercel.sh/v1", {}, 0],
  ["openai/gpt-5", "https://ai-gateway.vercel.sh/v1", { isAsked: true }, 0],
  ["claude-sonnet-4.5", "https://api.anthropic.com/v1", { isAsked: true, withinBoundTokens: 3_999 }, 0],
])("%s at %s adds a budget of reasoning to the bound: %j", async (model, baseUrl, asked, tokens) => {
  const route = testRoute(model);
  const routes = [{ ...route, target: { ...route.target, baseUrl } }];
  const call = { ...none, reasoning: { ...NOTHING_ASKED, ...asked } };
  expect(tokensBeyondBound(call, 4_000, routes)).toBe(tokens);
  expect(leastTokensBeyondBound(call, 4_000, routes)).toBe(tokens);
  expect(await countedTokensBeyondBound(call, 4_000, routes)).toBe(tokens);
});

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
  expect(tokensBeyondBound(none, [testRoute()])).toBe(0);
  const both = { ...none, predictedTexts: ["é", "ab"], reasoning: ten };
  expect(tokensBeyondBound(both, [testRoute()])).toBe(14);
});

test("counts predicted texts near a limit, never more than their bytes", async () => {
  const call = { ...none, predictedTexts: [code], reasoning: ten };
  const counted = await countedTokensBeyondBound(call, [testRoute("gpt-4o")]);
  expect(counted).toBeGreaterThan(1_500);
  expect(counted).toBeLessThan(tokensBeyondBound(call, [testRoute("gpt-4o")]) / 2);
  expect(await countedTokensBeyondBound(call, [testRoute("other")])).toBeGreaterThan(counted);
  expect(await countedTokensBeyondBound({ ...none, predictedTexts: ["🫠"] }, [testRoute("other")])).toBe(4);
  expect(await countedTokensBeyondBound(none, [testRoute()])).toBe(0);
});

test("adds the reasoning of the route that may bill the most of it", () => {
  const route = testRoute("qwq-plus");
  const apart = { ...route, target: { ...route.target, baseUrl: "https://dashscope.aliyuncs.com/v1" } };
  expect(tokensBeyondBound({ ...none, reasoning: ten }, [testRoute(), apart])).toBe(81_920);
});

test("near a limit, a route that takes a budget of reasoning is lowered to it, and others are not", async () => {
  const at = (model: string) => {
    const route = testRoute(model);
    return { ...route, target: { ...route.target, baseUrl: "https://dashscope.aliyuncs.com/v1" } };
  };
  expect(tokensBeyondBound(none, [at("qwen3-32b")])).toBe(81_920);
  expect(await countedTokensBeyondBound(none, [at("qwen3-32b")])).toBe(4_096);
  expect(leastTokensBeyondBound(none, [at("qwen3-32b"), testRoute()])).toBe(4_096);
  expect(reasoningLimitFor(none, at("qwen3-32b"))).toBe(4_096);
  expect(leastTokensBeyondBound(none, [at("qwen3-32b"), at("qwq-plus")])).toBe(81_920);
  expect(reasoningLimitFor(none, at("qwq-plus"))).toBeNull();
  const named = { ...none, reasoning: { ...ten, thinkingBudgetTokens: 10, isAsked: true } };
  expect(leastTokensBeyondBound(named, [at("qwen3-32b")])).toBe(10);
  expect(reasoningLimitFor(named, at("qwen3-32b"))).toBeNull();
});

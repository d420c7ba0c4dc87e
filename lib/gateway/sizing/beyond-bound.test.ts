import { expect, test } from "vitest";
import { testRoute } from "#lib/gateway/testing/test-model";
import { countedTokensBeyondBound, tokensBeyondBound } from "./beyond-bound";

const code = Array.from({ length: 300 }, (_, at) => `export const value${at} = ${at};`).join("\n");
const none = { predictedTexts: [], reasoningBudgetTokens: 0 };

test("bounds predicted texts by their bytes, and adds the reasoning budget", () => {
  expect(tokensBeyondBound(none)).toBe(0);
  expect(tokensBeyondBound({ predictedTexts: ["é", "ab"], reasoningBudgetTokens: 10 })).toBe(14);
});

test("counts predicted texts near a limit, never more than their bytes", async () => {
  const call = { predictedTexts: [code], reasoningBudgetTokens: 10 };
  const counted = await countedTokensBeyondBound(call, [testRoute("gpt-4o")]);
  expect(counted).toBeGreaterThan(1_500);
  expect(counted).toBeLessThan(tokensBeyondBound(call) / 2);
  expect(await countedTokensBeyondBound(call, [testRoute("other")])).toBeGreaterThan(counted);
  expect(await countedTokensBeyondBound({ ...none, predictedTexts: ["🫠"] }, [testRoute("other")])).toBe(4);
  expect(await countedTokensBeyondBound(none, [testRoute()])).toBe(0);
});

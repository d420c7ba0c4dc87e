import { expect, test } from "vitest";
import { targetValues } from "./target-option";

test.each([
  ["openai", { provider: "openai", upstreamModel: null }],
  ["openrouter/anthropic/claude", { provider: "openrouter", upstreamModel: "anthropic/claude" }],
  ["a/m,weight=3", { provider: "a", upstreamModel: "m", weight: 3 }],
  ["a,priority=1,weight=0", { provider: "a", upstreamModel: null, weight: 0, priority: 1 }],
  [
    "a,timeout_ms=2000,max_concurrent=8",
    { provider: "a", upstreamModel: null, timeout_ms: 2_000, max_concurrent: 8 },
  ],
])("reads %s", (text, target) => {
  expect(targetValues(text, undefined)).toEqual([target]);
});

test("adds to the targets before it", () => {
  expect(targetValues("b", targetValues("a", undefined)).map(({ provider }) => provider)).toEqual(["a", "b"]);
});

test.each(["", "/m", "a/", "a,share=3", "a,weight=x"])("rejects %j", (text) => {
  expect(() => targetValues(text, undefined)).toThrow("Must be a provider");
});

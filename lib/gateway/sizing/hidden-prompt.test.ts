import { expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { inputTokenBound } from "./estimate";

const messages = [{ role: "user", content: "Hi" }];
const tools = [{ type: "function", function: { name: "f" } }];
const plain = chat.parse(JSON.stringify({ model: "m", messages }));
const withTools = chat.parse(JSON.stringify({ model: "m", messages, tools }));

test.each([
  ["claude-3-opus-20240229", 0, 530],
  ["claude-sonnet-4-5", 0, 588],
  ["claude-opus-4-7", 0, 804],
  ["grok-4", 687, 687],
  ["gpt-oss-120b", 70, 150],
  ["qwen3-32b", 0, 200],
  ["gpt-4o", 0, 0],
  ["llama-3.3-70b", 40, 400],
  ["qwen2.5-72b", 25, 200],
  ["smollm3-3b", 300, 400],
  ["command-a-03-2025", 700, 1_200],
  ["mistral-small-3.2-24b", 600, 600],
])("the input bound of %s has room for what its provider adds", (upstreamModel, always, forTools) => {
  const model = testModel(null, upstreamModel);
  expect(inputTokenBound(plain, model)).toBeGreaterThanOrEqual(plain.json.length + always);
  expect(inputTokenBound(withTools, model)).toBeGreaterThanOrEqual(withTools.json.length + forTools);
});

test("nothing is added where a provider adds nothing", () => {
  const messageTokens = 8;
  expect(inputTokenBound(withTools, testModel(null, "gpt-4o"))).toBe(withTools.json.length + messageTokens);
  expect(inputTokenBound(plain, testModel(null, "claude-haiku-4-5"))).toBe(plain.json.length + messageTokens);
});

test("little is added for a name of one's own, so that a small budget can be used up", () => {
  expect(inputTokenBound(plain, testModel(null, "our-model"))).toBeLessThanOrEqual(plain.json.length + 16);
});

test.each([
  "phi4-reasoning:14b",
  "dbrx-instruct",
  "dolphin-phi",
  "marco-o1",
  "llama2",
  "meta-llama/Llama-3.3-70B-Instruct",
])("the input bound of %s has room for a default system prompt of its template", (upstreamModel) => {
  const model = testModel(null, upstreamModel);
  expect(inputTokenBound(plain, model)).toBeGreaterThanOrEqual(plain.json.length + 400);
});

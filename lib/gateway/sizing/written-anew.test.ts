import { expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { mayExceedEstimate } from "./image-tokens";
import { isWrittenAnew } from "./written-anew";

const words = "word and word again ".repeat(400);
const toolOf = (description: string, properties: object) => ({
  type: "function",
  function: { name: "f", description, parameters: { type: "object", properties } },
});
const isFar = (model: string, body: object) =>
  isWrittenAnew(chat.parse(JSON.stringify({ model: "m", ...body })), testModel(null, model).routes);

const turns = Array.from({ length: 30 }, () => [
  { role: "user", content: "x" },
  { role: "assistant", content: "y" },
]).flat();
/** Mistral's template writes the tools with the last of equal messages, and so with each of them. */
const EQUAL_MESSAGES = { messages: [...turns, { role: "user", content: "x" }], tools: [toolOf(words, {})] };
/** Llama's writes tools with `tojson(indent=4)`. */
const NESTED_SCHEMA = {
  messages: [{ role: "user", content: "hi" }],
  tools: [toolOf("x", { p: { enum: Array.from({ length: 800 }, () => [1, [2]]) } })],
};

test.each([
  ["mistralai/Mistral-7B-Instruct-v0.3", EQUAL_MESSAGES],
  ["meta-llama/Llama-3.3-70B-Instruct-Turbo", NESTED_SCHEMA],
])("what %s's template writes anew may be far more than the estimate", (model, body) => {
  expect(isFar(model, body)).toBe(true);
  expect(isFar("gpt-4o", body)).toBe(false);
});

test("what most requests have is not", () => {
  const plain = { messages: [{ role: "system", content: "Be brief." }, ...turns] };
  const weather = toolOf("The weather of a city.", {
    city: { type: "string", description: "Its name, as people who live there write it." },
    unit: { type: "string", enum: ["celsius", "fahrenheit"] },
  });
  const asked = { messages: [{ role: "user", content: words }], tools: [weather] };
  for (const body of [plain, asked])
    expect(isFar("meta-llama/Llama-3.3-70B-Instruct-Turbo", body)).toBe(false);
});

const sized = { width: 32, height: 32, detail: null };
const unsized = { width: null, height: null, detail: null };

test.each([
  ["moonshotai/Kimi-K2.5", sized, true],
  ["grok-4.3", sized, true],
  ["gpt-4o", sized, false],
  ["gpt-4o", unsized, true],
  ["gpt-4.1-mini", unsized, true],
  ["claude-sonnet-4-5", sized, false],
])("a picture for %s of size %j may be far more than it is estimated at: %s", (model, image, isFarMore) => {
  expect(mayExceedEstimate(model, image)).toBe(isFarMore);
});

import { describe, expect, test } from "vitest";
import { completions } from "#lib/dialects/completions/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { inputBoundOf, inputTokenBound } from "./estimate";

const callOf = (fields: object) => completions.parse(JSON.stringify({ model: "m", ...fields }));
const boundOf = (fields: object, upstreamModel: string) =>
  inputTokenBound(callOf(fields), testModel(null, upstreamModel));

describe("the input bound of a completion", () => {
  test("has a system prompt of the model's own with each prompt", () => {
    const prompt = ["a", "b", "c"];
    const hidden = boundOf({ prompt: "a" }, "grok-4") - boundOf({ prompt: "a" }, "gpt-3.5-turbo-instruct");
    expect(hidden).toBeGreaterThanOrEqual(680);
    expect(boundOf({ prompt }, "grok-4") - boundOf({ prompt }, "gpt-3.5-turbo-instruct")).toBe(3 * hidden);
  });

  test("has the suffix with each prompt, also if the texts are counted", () => {
    const suffix = "x".repeat(1_000);
    const call = callOf({ prompt: ["a", "b", "c"], suffix });
    const model = testModel(null, "gpt-3.5-turbo-instruct");
    expect(inputTokenBound(call, model)).toBeGreaterThanOrEqual(3_000);
    const counted = callOf({ prompt: ["a", "b", "c"] });
    expect(inputBoundOf(0, call, model) - inputBoundOf(0, counted, model)).toBe(2_000);
  });

  test("has room for what a server makes of tokens as text, unless the model takes them as they are", () => {
    const prompt = [3597, 90280];
    expect(boundOf({ prompt }, "davinci-002")).toBeLessThan(100);
    expect(boundOf({ prompt }, "our-model")).toBeGreaterThanOrEqual(64 + 114);
  });
});

import { describe, expect, test } from "vitest";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { readLimits } from "./read-limits";

function asked(body: object | string) {
  const json = typeof body === "string" ? body : JSON.stringify(body);
  return readLimits(json, topLevelFields(json), () => false).reasoning;
}

describe("a switch that is off", () => {
  test.each<[object, readonly string[]]>([
    [{ enable_thinking: false }, ["by_flag"]],
    [{ thinking: { type: "disabled" } }, ["by_type"]],
    [{ enable_thinking: "false" }, []],
    [{ enable_thinking: 0 }, []],
    [{ enable_thinking: null }, []],
    [{ thinking: "disabled" }, []],
    [{ thinking: { mode: "disabled" } }, []],
    [{ foo: { enable_thinking: false } }, []],
    [{ extra_body: { thinking: { type: "disabled" } } }, []],
    [{ chat_template_kwargs: { enable_thinking: false } }, []],
  ])("counts in the body itself alone: %j", (body, off) => {
    expect(asked(body).off).toEqual(off);
  });
});

describe("a budget", () => {
  test.each<[object, number | null]>([
    [{ thinking_budget: 100 }, 100],
    [{ thinking_budget: 0 }, null],
    [{ thinking_budget: null }, null],
    [{ thinking_budget: -1 }, null],
    [{ thinkingBudget: 100 }, null],
    [{ thinking_budget_tokens: 100 }, null],
    [{ extra_body: { thinking_budget: 100 } }, null],
  ])("that a provider reads is in the body itself, under its one name: %j", (body, tokens) => {
    expect(asked(body).thinkingBudgetTokens).toBe(tokens);
  });
});

test.each<[object, boolean]>([
  [{ enable_thinking: true }, true],
  [{ enable_thinking: false, extra_body: { enable_thinking: true } }, true],
  [{ enable_thinking: false, chat_template_kwargs: { enable_thinking: true } }, true],
  [{ thinking: { type: "enabled" } }, true],
  [{ reasoning: { effort: "high" } }, true],
  [{ reasoning_effort: "low" }, true],
  [{ theirs: { thinking_budget: 1 } }, true],
  [{ enable_thinking: false, reasoning_effort: "none", thinking: { type: "disabled" } }, false],
  [{ reasoning: { effort: null, summary: "auto" }, include_reasoning: true }, false],
  [{ messages: [{ role: "assistant", reasoning_content: "x" }], stop: ["think"] }, false],
])("whether %j asks for reasoning: %s", (body, isAsked) => {
  expect(asked(body).isAsked).toBe(isAsked);
});

test("a switch that occurs twice in an object is not taken for off", () => {
  expect(asked('{"thinking":{"type":"enabled","type":"disabled"}}').isAsked).toBe(true);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { ApiError } from "#lib/http/api-error";
import { readLimits } from "./read-limits";
import { isTemplateSwitch } from "./template-arguments";

const readText = (json: string) => readLimits(json, topLevelFields(json), () => false);
const read = (body: object) => readText(JSON.stringify(body));
const rejected = (param: string) =>
  expect.objectContaining({ code: "unsupported_parameter", status: 400, param });

describe("the arguments of a chat template", () => {
  test.each<[string, object]>([
    ["Qwen 3", { enable_thinking: false }],
    ["Qwen 3.6", { enable_thinking: true, preserve_thinking: true, add_vision_id: true }],
    ["DeepSeek 3.1", { thinking: true }],
    ["GLM", { enable_thinking: true, clear_thinking: false, reasoning_effort: "high" }],
    ["Kimi", { thinking: false, thinking_effort: "max", preserve_thinking: true }],
    ["gpt-oss", { reasoning_effort: "low" }],
    ["Nemotron", { enable_thinking: true, low_effort: true, truncate_history_thinking: false }],
    ["Seed", { thinking_budget: 512 }],
    ["Granite", { thinking: true, full_function_description: false }],
    ["Llama", { date_string: "26 Jul 2024", tools_in_user_message: false }],
    ["unset", { enable_thinking: null, thinking_budget: -1 }],
    ["none", {}],
  ])("may be the switches of %s", (_, given) => {
    expect(read({ chat_template_kwargs: given }).unknown).toEqual({
      fields: [],
      param: null,
      scalarBytes: 0,
    });
    expect(() => read({ extra_body: { chat_template_kwargs: given } })).not.toThrow();
  });

  test("may be null", () => {
    expect(() => read({ chat_template_kwargs: null })).not.toThrow();
  });

  test.each<[string, unknown]>([
    ["eos_token", "7".repeat(3_500)],
    ["bos_token", "7"],
    ["eos_token", null],
    ["custom_tools", [[1]]],
    ["tools", [{}]],
    ["documents", [{}]],
    ["documents", []],
    ["messages", []],
    ["system_message", "x"],
    ["content", "x"],
    ["xml_tools", ["x"]],
    ["builtin_tools", ["browser"]],
    ["chat_template", "{{ x }}"],
    ["max_context", "x"],
    ["__proto__", "x"],
    ["", "x"],
    ["Enable_Thinking", true],
    ["enable_thinking", { a: 1 }],
    ["enable_thinking", []],
    ["enable_thinking", "x".repeat(17)],
    ["thinking_effort", "low high"],
    ["thinking", 123_456_789],
    ["thinking", 1e300],
    ["date_string", "7".repeat(33)],
    ["date_string", 5],
  ])("may not be %s: %j", (name, value) => {
    const given = `{${JSON.stringify(name)}:${JSON.stringify(value)}}`;
    for (const container of [
      "chat_template_kwargs",
      "chat_template_args",
      "template_kwargs",
      "Chat-Template-Kwargs",
      "chat\\u005ftemplate_kwargs",
    ]) {
      const spelt: string = JSON.parse(`"${container}"`);
      const param = `${spelt}.${name}`;
      expect(() => readText(`{"${container}":${given}}`)).toThrow(rejected(param));
      for (const outer of ["extra_body", "nvext", "theirs"])
        expect(() => readText(`{"${outer}":{"${container}":${given}}}`)).toThrow(
          rejected(`${outer}.${param}`),
        );
      expect(() => readText(`{"list":[{"${container}":${given}}]}`)).toThrow(rejected(`list.${param}`));
    }
  });

  test.each(['"{}"', "[]", '[["eos_token","x"]]', "5", "true"])("must be an object: %s", (given) => {
    expect(() => readText(`{"chat_template_kwargs":${given}}`)).toThrow(rejected("chat_template_kwargs"));
  });

  test("are judged each time that they occur", () => {
    const twice = '{"extra_body":{"chat_template_kwargs":{"eos_token":"x"},"chat_template_kwargs":{}}}';
    expect(() => readText(twice)).toThrow(rejected("extra_body.chat_template_kwargs.eos_token"));
    const again = '{"chat_template_kwargs":{"thinking":true,"thinking":"a long text that is repeated"}}';
    expect(() => readText(again)).toThrow(rejected("chat_template_kwargs.thinking"));
  });

  test("say what to do instead", () => {
    expect(() => read({ chat_template_kwargs: { custom_tools: [1] } })).toThrow(
      "chat_template_kwargs.custom_tools is not supported: the template may write it any number of times. Send texts, tools and documents in the fields of the body",
    );
  });

  test("are a few bytes whatever they are, or rejected", () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(fc.string(), fc.constantFrom("enable_thinking", "thinking", "eos_token")),
          fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.boolean(), fc.constantFrom("low", "high", 512)),
          { maxKeys: 3 },
        ),
        (given) => {
          try {
            read({ chat_template_kwargs: given });
          } catch (error) {
            expect(error).toBeInstanceOf(ApiError);
            return;
          }
          passed += 1;
          for (const [name, value] of Object.entries(given)) {
            expect(isTemplateSwitch(name)).toBe(true);
            expect(typeof value !== "object" || value === null).toBe(true);
            expect(String(value).length).toBeLessThanOrEqual(32);
          }
        },
      ),
      { numRuns: 1_000 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});

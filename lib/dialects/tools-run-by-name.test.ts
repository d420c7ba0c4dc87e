import { describe, expect, test } from "vitest";
import { DIALECTS } from "./registry";

const messages = [{ role: "user", content: "Hi" }];
const parse = (name: string, tool: object) => {
  const input = name === "responses" ? messages : undefined;
  const body = { model: "m", max_tokens: 9, messages, input, tools: [tool] };
  return DIALECTS.find((dialect) => dialect.name === name)?.parse(JSON.stringify(body));
};
const rejects = (name: string, tool: object, param: string) =>
  expect(() => parse(name, tool)).toThrow(
    expect.objectContaining({ code: "unsupported_parameter", param: `tools[0].${param}` }),
  );

const schema = { type: "object" };

describe("a tool that a proxy runs by its name is not the client's own", () => {
  test.each<[string, object, string]>([
    [
      "chat",
      { type: "function", function: { name: "litellm_web_search", parameters: schema } },
      "function.name",
    ],
    ["chat", { type: "function", name: "litellm_web_search", function: { name: "f" } }, "name"],
    ["responses", { type: "function", name: "litellm_web_search", parameters: schema }, "name"],
    ["messages", { name: "litellm_web_search", input_schema: schema }, "name"],
    ["messages", { type: "custom", name: "litellm_web_search", input_schema: schema }, "name"],
    ["messages", { name: "litellm_code_execution", input_schema: schema }, "name"],
    ["responses", { type: "function", name: "LiteLLM_skill_a", parameters: schema }, "name"],
    ["messages", { name: "WebSearch" }, "name"],
  ])("%s: %j", rejects);

  test.each<[string, object, string | null]>([
    ["messages", { type: "custom", name: "web_search", input_schema: schema }, "tools[0].name"],
    ["messages", { type: "bash_20250124", name: "web_search" }, "tools[0].name"],
    ["messages", { name: "web_search", input_schema: schema }, null],
    ["messages", { type: "custom", name: "web_searches", input_schema: schema }, null],
    ["chat", { type: "function", function: { name: "web_search" } }, "tools[0].function.name"],
    ["chat", { type: "function", name: "web_search", function: { name: "f" } }, "tools[0].name"],
    ["chat", { type: "function", function: { name: "web_search", parameters: schema } }, null],
    ["chat", { type: "function", function: { name: "f" } }, null],
    ["responses", { type: "function", name: "web_search", parameters: schema }, null],
  ])("says where LiteLLM takes the client's own for its search: %s, %j", (name, tool, param) => {
    expect(parse(name, tool)?.runByProxy).toBe(param);
  });

  test.each<[string, object]>([
    ["chat", { type: "function", function: { name: "web_search", parameters: schema } }],
    ["chat", { type: "function", function: { name: "WebSearch" } }],
    ["responses", { type: "function", name: "WebSearch", parameters: schema }],
    ["messages", { name: "WebSearch", input_schema: schema }],
    ["messages", { name: "web_search", input_schema: schema }],
  ])("a client may run one of another name or form: %s, %j", (name, tool) => {
    expect(parse(name, tool)?.hasTools).toBe(true);
  });
});

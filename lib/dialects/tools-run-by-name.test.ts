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
    ["messages", { name: "WebSearch" }, "name"],
  ])("%s: %j", rejects);

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

import { describe, expect, test } from "vitest";
import { sealedEnvelope } from "#lib/translation/envelope";
import { decodeResponses } from "./decode";

const text = (words: string) => [{ type: "input_text", text: words }];
const weather = { type: "function", name: "get_weather", parameters: { type: "object" }, strict: true };

describe("a request for a response is decoded", () => {
  test("with the system's words wherever they are, and each side's items as one message", () => {
    const { messages } = decodeResponses({
      model: "m",
      instructions: "Be kind.",
      input: [
        { type: "message", role: "developer", content: text("Be brief.") },
        { role: "user", content: "Hello" },
        {
          type: "reasoning",
          id: "rs_1",
          summary: [{ type: "summary_text", text: "Hm." }],
          encrypted_content: "x",
        },
        { type: "function_call", call_id: "c1", name: "get_weather", arguments: "{}" },
        { type: "function_call", call_id: "c2", namespace: "files", name: "read", arguments: '{"a": 1}' },
        { type: "function_call_output", call_id: "c1", output: "22 °C" },
      ],
    });
    expect(messages).toMatchObject([
      { role: "system", blocks: [{ text: "Be kind.", at: "instructions" }] },
      { role: "system", blocks: [{ text: "Be brief.", at: "input[0].content[0]" }] },
      { role: "user", blocks: [{ text: "Hello" }] },
      {
        role: "assistant",
        blocks: [
          { kind: "think", text: "Hm.", seal: { maker: "openai", scope: null, data: "x" } },
          { kind: "call", id: "c1", name: "get_weather", args: "{}" },
          { kind: "call", id: "c2", name: "files__read", args: '{"a": 1}', at: "input[4]" },
        ],
      },
      { role: "user", blocks: [{ kind: "result", id: "c1", blocks: [{ text: "22 °C" }], isError: false }] },
    ]);
  });

  test("with another maker's proof taken out of its envelope", () => {
    const seal = { maker: "google", scope: "abcdefgh", data: "c2ln" };
    const input = [{ type: "reasoning", summary: [], encrypted_content: sealedEnvelope(seal) }];
    expect(decodeResponses({ input }).messages).toMatchObject([
      { blocks: [{ kind: "think", text: "", seal }] },
    ]);
  });

  test("with pictures and files, in results too", () => {
    const image = { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "low" };
    const file = { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,BBBB" };
    const output = [image, file, { type: "input_file", file_url: "https://example.com/b.pdf" }];
    const { messages } = decodeResponses({
      input: [{ type: "custom_tool_call_output", call_id: "c", output }],
    });
    expect(messages[0]?.blocks).toMatchObject([
      {
        kind: "result",
        blocks: [
          { kind: "image", source: { mediaType: "image/png", base64: "AAAA" }, detail: { value: "low" } },
          { kind: "document", source: { mediaType: "application/pdf", base64: "BBBB" }, title: "a.pdf" },
          { kind: "document", source: { kind: "url", url: "https://example.com/b.pdf" } },
        ],
      },
    ]);
  });

  test("with the tools of the body, of namespaces and of items, each once", () => {
    const { tools, toolChoice, offers } = decodeResponses({
      tools: [weather, { type: "local_shell" }],
      tool_choice: { type: "function", name: "read", namespace: "files" },
      input: [
        {
          type: "additional_tools",
          tools: [
            weather,
            {
              type: "namespace",
              name: "files",
              tools: [{ type: "custom", name: "read", format: { type: "grammar", definition: "g" } }],
            },
          ],
        },
        { role: "user", content: "Hello" },
      ],
    });
    expect(tools).toMatchObject([
      { name: "get_weather", strict: true, custom: null, at: "tools[0]" },
      { name: "files__read", namespace: "files", custom: { grammar: "g" }, at: "input[0].tools[1].tools[0]" },
    ]);
    expect(toolChoice).toEqual({ value: { kind: "tool", name: "files__read" }, at: "tool_choice" });
    expect(offers).toEqual(["tools[1]"]);
  });

  test("with settings that an item changes later", () => {
    const turn = decodeResponses({
      reasoning: { effort: "high" },
      text: { verbosity: "low", format: { type: "json_schema", name: "n", schema: { type: "object" } } },
      input: [
        { type: "configuration_update", reasoning: { effort: "low" } },
        { role: "user", content: "Hello" },
      ],
    });
    expect(turn.reasoning.effort).toEqual({ value: "low", at: "input[0].reasoning.effort" });
    expect(turn.verbosity).toEqual({ value: "low", at: "text.verbosity" });
    expect(turn.format).toMatchObject({ value: { kind: "schema", name: "n" }, at: "text.format" });
  });

  test("with what no other wire can say as an offer, or as a demand", () => {
    const turn = decodeResponses({
      include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
      metadata: { a: "b" },
      truncation: "auto",
      top_logprobs: 3,
      input: [{ type: "compaction_trigger" }, { role: "user", content: "Hello" }],
    });
    expect(turn.offers).toEqual(["metadata", "truncation"]);
    expect(turn.demands.map(({ at }) => at)).toEqual(["include", "top_logprobs", "input[0]"]);
  });
});

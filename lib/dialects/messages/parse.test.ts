import { describe, expect, test } from "vitest";
import { unsupportedFieldNames } from "#lib/dialects/bounds/unsupported-fields";
import { parseMessages } from "./parse";
import { bodyWith, parse, rejectionOf, user, withBlocks } from "./testing/parse";

const messages = (...list: unknown[]) => ({ messages: list });
const block = (fields: object) => messages({ role: "user", content: [fields] });
const result = (content: unknown) => ({ type: "tool_result", tool_use_id: "toolu_1", content });
const png = {
  type: "image",
  source: {
    type: "base64",
    media_type: "image/png",
    data: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  },
};

describe("a request for a message", () => {
  test("is read: model, bound, stream, and what it weighs", () => {
    const call = parse({ stream: true, system: "Be brief.", tools: [{ name: "bash", input_schema: {} }] });
    expect(call).toMatchObject({
      model: "m",
      stream: true,
      maxOutputTokens: 100,
      answers: 1,
      prompts: 1,
      messageCount: 2,
      hasTools: true,
      passUsage: true,
      dropped: [],
    });
    expect(call.media.unboundedParam).toBeNull();
  });

  test("weighs its system prompt like its messages", () => {
    const words = "several words of an instruction ".repeat(50);
    const weightOf = (system: unknown) => parse({ system }).textTokens;
    expect(weightOf(words)).toBeGreaterThan(parse({}).textTokens + 200);
    expect(weightOf([{ type: "text", text: words }])).toBe(weightOf(words));
  });

  test.each<[string, object, string | null]>([
    ["no bound", { max_tokens: undefined }, "max_tokens"],
    ["a bound of null", { max_tokens: null }, "max_tokens"],
    ["a bound that is no number of tokens", { max_tokens: "5" }, "max_tokens"],
    ["two bounds that differ", { max_output_tokens: 5 }, "max_output_tokens"],
    ["no model", { model: undefined }, "model"],
    ["no messages", { messages: [] }, "messages"],
    ["a message that is none", messages("text"), "messages[0]"],
    ["another role", messages({ role: "tool", content: "x" }), "messages[0].role"],
    ["no content", messages({ role: "user" }), "messages[0].content"],
    ["a block without a type", block({ text: "x" }), "messages[0].content[0].type"],
    ["a text that is none", block({ type: "text", text: 5 }), "messages[0].content[0].text"],
    ["a result without its call", block({ type: "tool_result" }), "messages[0].content[0].tool_use_id"],
    [
      "a call without arguments",
      block({ type: "tool_use", id: "a", name: "b" }),
      "messages[0].content[0].input",
    ],
    ["a wrong block in a result", block(result([{}])), "messages[0].content[0].content[0].type"],
    ["a system prompt that is no text", { system: [png] }, "system[0].type"],
    ["a system prompt of another type", { system: 5 }, "system"],
    ["a tool without a name", { tools: [{ input_schema: {} }] }, "tools[0].name"],
    ["a temperature that no model has", { temperature: 2 }, "temperature"],
    ["a cache of another length", { cache_control: { type: "ephemeral", ttl: "24h" } }, "cache_control.ttl"],
    [
      "the same in a block",
      block({ type: "text", text: "x", cache_control: { ttl: "2h" } }),
      "messages[0].content[0].cache_control.ttl",
    ],
    ["several answers", { n: 2 }, "n"],
    ["a prediction", { prediction: { type: "content", content: "x" } }, "prediction"],
    ["sound", { modalities: ["audio"] }, "modalities"],
  ])("is invalid with %s", (_, fields, param) => {
    expect(rejectionOf(fields)).toEqual({ code: "invalid_request", param });
  });

  test.each<[string, object, string]>([
    [
      "a stored file",
      block({ type: "document", source: { type: "file", file_id: "file_1" } }),
      "messages[0].content[0].source.file_id",
    ],
    [
      "one within a result",
      block(result([{ type: "image", source: { type: "file", file_id: "f" } }])),
      "messages[0].content[0].content[0].source.file_id",
    ],
    [
      "one within a document",
      block({
        type: "document",
        source: { type: "content", content: [{ type: "image", source: { file_id: "f" } }] },
      }),
      "messages[0].content[0].source.content[0].source.file_id",
    ],
    [
      "a file for a container",
      block({ type: "container_upload", file_id: "f" }),
      "messages[0].content[0].file_id",
    ],
    ["a container", { container: "c_1" }, "container"],
    ["servers of tools", { mcp_servers: [{ url: "https://mcp.example" }] }, "mcp_servers"],
    ["other models", { fallbacks: [{ model: "other" }] }, "fallbacks"],
    ["a faster tier", { speed: "fast" }, "speed"],
    ["a region", { inference_geo: "us" }, "inference_geo"],
    ["a priority tier", { service_tier: "priority" }, "service_tier"],
    [
      "a compaction",
      { context_management: { edits: [{ type: "compact_20260112" }] } },
      "context_management.edits[0].type",
    ],
    [
      "an edit that is not known",
      { context_management: { edits: [{ type: "clear_thinking_20251015" }, { type: "new" }] } },
      "context_management.edits[1].type",
    ],
    ["betas in the body", { betas: ["fast-mode"] }, "betas"],
    ["a safeguard that is not known", { safeguards: [{ type: "new" }] }, "safeguards[0].type"],
    [
      "a hosted tool that a block adds",
      block({
        type: "tool_addition",
        tool: { type: "tool_definition", definition: { type: "web_search_20250305" } },
      }),
      "messages[0].content[0].tool.definition.type",
    ],
    [
      "one in the summary of what was compacted",
      block({ type: "compaction", tool_changes: [{ tool: { definition: { type: "web_fetch_20250910" } } }] }),
      "messages[0].content[0].tool_changes[0].tool.definition.type",
    ],
  ])("is not supported with %s", (_, fields, param) => {
    expect(rejectionOf(fields)).toEqual({ code: "unsupported_parameter", param });
  });

  test.each([
    { name: "read", input_schema: { type: "object" } },
    { type: "custom", name: "read", input_schema: { type: "object" } },
    { type: "bash_20250124", name: "bash" },
  ])("may have a tool of the client's own added by a block: %j", (definition) => {
    const tool = { type: "tool_definition", definition };
    expect(rejectionOf(block({ type: "tool_addition", tool }))).toBeNull();
  });

  test("may have calls of tools reviewed, as in Claude Code's auto mode", () => {
    const rules = { allow: ["Bash(ls:*)"], deny: [], ask: [] };
    const safeguards = [{ type: "dangerous_tool_use", classifier_context: { v: 1, rules } }];
    const call = parse({ safeguards });
    expect(call.unknownFields).toEqual([]);
    expect(call.media.unknownParam).toBeNull();
    expect(rejectionOf({ safeguards: {} })).toEqual({ code: "invalid_request", param: "safeguards" });
    expect(rejectionOf({ safeguards: ["x"] })).toEqual({ code: "invalid_request", param: "safeguards[0]" });
  });

  test("thinks within its bound, but for budgets in other fields", () => {
    const thinking = { type: "enabled", budget_tokens: 31_999, display: "updates" };
    const budgetOf = (fields: object) => parse({ max_tokens: 32_000, ...fields }).reasoning.budgetTokens;
    expect(budgetOf({ thinking })).toBe(0);
    expect(parse({ max_tokens: 32_000, thinking }).reasoning.withinBoundTokens).toBe(31_999);
    expect(budgetOf({ thinking: { ...thinking, max_tokens: 50_000 } })).toBe(50_000);
    expect(budgetOf({ thinking, reasoning: { max_tokens: 2_000 } })).toBe(2_000);
    expect(parse({ thinking }).reasoning.isAsked).toBe(true);
  });

  test("thinks beyond its bound with a budget above it, as between the calls of tools", () => {
    const budgetOf = (max_tokens: number, budget_tokens: number) =>
      parse({ max_tokens, thinking: { type: "enabled", budget_tokens } }).reasoning.budgetTokens;
    expect(budgetOf(4_000, 3_999)).toBe(0);
    expect(budgetOf(4_000, 4_000)).toBe(4_000);
    expect(budgetOf(4_000, 60_000)).toBe(60_000);
    expect(budgetOf(0, 60_000)).toBe(60_000);
  });

  test("may have the form of its answer at the top, which is held for like a tool's schema", () => {
    const schema = {
      type: "object",
      properties: { title: { type: "string", description: "x".repeat(500) } },
    };
    const format = { type: "json_schema", schema };
    const call = parse({ output_format: format });
    expect(call).toMatchObject({ unknownFields: [], mayGetTools: true });
    expect(call.growth.schemaBytes).toBeGreaterThan(200);
  });

  test("rejects whatever the table of all dialects does, but for what it has a price for", () => {
    const accepted = unsupportedFieldNames.filter((name) => rejectionOf({ [name]: { a: 1 } }) === null);
    expect(accepted).toEqual(["context_management"]);
    expect(rejectionOf({ "Context-Management": { edits: [] } })).not.toBeNull();
  });

  test.each<[string, object]>([
    [
      "what Claude Code sends",
      {
        thinking: { type: "adaptive", display: "updates" },
        context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
        output_config: { effort: "medium" },
        metadata: { user_id: "u" },
        messages: [user, { role: "system", content: "Note.", output_config: { effort: "high" } }, user],
        tools: [
          {
            name: "Read",
            description: "Reads.",
            input_schema: {},
            eager_input_streaming: true,
            defer_loading: true,
          },
        ],
      },
    ],
    [
      "thinking and calls of an earlier turn",
      messages(
        user,
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Hm.", signature: "c2ln" },
            { type: "redacted_thinking", data: "ZGF0YQ==" },
            {
              type: "tool_use",
              id: "toolu_1",
              name: "bash",
              input: { file_id: "no file" },
              caller: { type: "direct" },
            },
          ],
        },
        {
          role: "user",
          content: [
            {
              ...result([{ type: "text", text: "x" }, { type: "tool_reference", tool_name: "a" }, png]),
              is_error: false,
            },
          ],
        },
      ),
    ],
    [
      "a document of text",
      block({ type: "document", source: { type: "content", content: "Yes." }, context: "A letter." }),
    ],
    [
      "a document of blocks, kept for an hour",
      block({
        type: "document",
        source: {
          type: "content",
          content: [{ type: "text", text: "Yes.", cache_control: { type: "ephemeral", ttl: "1h" } }, png],
        },
        cache_control: { type: "ephemeral", ttl: "1h" },
      }),
    ],
    [
      "tools that the client runs",
      {
        tools: [
          { type: "bash_20250124", name: "bash" },
          { type: "text_editor_20250728", name: "edit" },
        ],
      },
    ],
  ])("bounds %s", (_, fields) => {
    const { unboundedParam, unknownParam, unfoldedParam } = parse(fields).media;
    expect([unboundedParam, unknownParam, unfoldedParam]).toEqual([null, null, null]);
  });

  test.each<[string, unknown, string]>([
    ["no text and no blocks", 5, ".content"],
    ["something that is no block", ["x"], ".content[0]"],
    ["a block of no type", [{ text: "x" }], ".content[0].type"],
    ["a picture without data", [{ type: "image" }], ".content[0]"],
  ])("rejects a document whose content is %s", (_, content, at) => {
    expect(rejectionOf(block({ type: "document", source: { type: "content", content } }))).toEqual({
      code: "invalid_request",
      param: `messages[0].content[0].source${at}`,
    });
  });

  test("weighs a document of blocks by its texts and pictures", () => {
    const text = "The ferry came in at dawn, and the market opened. ".repeat(50);
    const source = { type: "content", content: [{ type: "text", text }, png] };
    const { media, textTokens, asks } = withBlocks({ type: "document", title: "Ferry", source });
    expect(media.images).toEqual([expect.objectContaining({ width: 1, height: 1 })]);
    expect(media.unboundedParam).toBeNull();
    expect(asks.images).toBe(true);
    expect(textTokens).toBeGreaterThan(400);
    const inResult = withBlocks(result([{ type: "document", source }]));
    expect(inResult.media.images).toHaveLength(1);
  });

  test.each<[string, object, string]>([
    [
      "a document that is fetched",
      { type: "document", source: { type: "url", url: "https://a.example/b.pdf" } },
      "messages[0].content[0].source.url",
    ],
    ["a block that is not known", { type: "new_block", words: "x" }, "messages[0].content[0].words"],
  ])("has no bound with %s", (_, fields, param) => {
    expect(withBlocks(fields).media.unboundedParam).toBe(param);
  });

  test("names the system prompt if that has no bound", () => {
    const system = [{ type: "text", text: "x", theirs: { a: 1 } }];
    expect(parse({ system }).media.unboundedParam).toBe("system");
  });

  test("weighs pictures in results as pictures", () => {
    const { media } = withBlocks(result([png]));
    expect(media.images).toEqual([expect.objectContaining({ width: 1, height: 1 })]);
    expect(media.dataCharacters).toBe(png.source.data.length);
  });

  test.each<[string, object, boolean]>([
    ["none", {}, false],
    ["five minutes", { cache_control: { type: "ephemeral", ttl: "5m" } }, false],
    ["the body", { cache_control: { type: "ephemeral", ttl: "1h" } }, true],
    [
      "the system prompt",
      { system: [{ type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1h" } }] },
      true,
    ],
    ["a tool", { tools: [{ name: "a", cache_control: { type: "ephemeral", ttl: "1h" } }] }, true],
    [
      "a block in a result",
      block(result([{ type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1h" } }])),
      true,
    ],
    [
      "a call's arguments",
      messages({
        role: "assistant",
        content: [{ type: "tool_use", id: "a", name: "b", input: { cache_control: { ttl: "1h" } } }],
      }),
      false,
    ],
  ])("asks for cache writes of an hour by a mark of: %s", (_, fields, isLong) => {
    expect(parse(fields).asks.longCacheWrites).toBe(isLong);
  });

  test("is rejected for a mark of what OpenAI is to keep for twelve hours", () => {
    const mark = { prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } };
    const rejected = (param: string) => expect.objectContaining({ code: "unsupported_parameter", param });
    expect(() => withBlocks({ type: "text", text: "x", ...mark })).toThrow(
      rejected("messages[0].content[0].prompt_cache_breakpoint"),
    );
    expect(() => parse({ tools: [{ name: "a", ...mark }] })).toThrow(
      rejected("tools[0].prompt_cache_breakpoint"),
    );
  });

  test("grows by the definitions that Anthropic writes for its own tools", () => {
    const grown = (tool: object) => parse({ tools: [tool] }).growth.schemaBytes;
    expect(grown({ type: "bash_20250124", name: "bash" })).toBeGreaterThan(
      grown({ type: "custom", name: "bash" }) + 1_000,
    );
  });

  test("has its results and calls counted as chat templates write them", () => {
    const call = {
      role: "assistant",
      content: [{ type: "tool_use", id: "toolu_1", name: "read", input: { n: 1e20 } }],
    };
    const { growth, rewriting } = parse(messages(user, call, { role: "user", content: [result("done")] }));
    expect(growth.repeats).toMatchObject({ turns: 2, resultNameBytes: 4 });
    expect(rewriting().bytes).toBeGreaterThan(0);
  });

  test("cannot have a field twice, anywhere that is read", () => {
    const twice = (json: string) => () => parseMessages(json);
    expect(twice(bodyWith({}).replace("{", '{"max_tokens":9,'))).toThrow("more than once");
    expect(
      twice(bodyWith({ system: [{ type: "text", text: "x" }] }).replace('"text":', '"text":"y","text":')),
    ).toThrow("'system' has an object with a field that occurs twice");
    expect(
      twice(bodyWith({ thinking: { type: "enabled" } }).replace('"type"', '"Type":"disabled","type"')),
    ).toThrow();
    expect(
      twice(
        bodyWith({ cache_control: { type: "ephemeral", ttl: "5m" } }).replace('"ttl"', '"ttl":"1h","ttl"'),
      ),
    ).toThrow("'cache_control' has an object with a field that occurs twice");
    expect(twice(bodyWith({}).replace('"max_tokens"', '"Max_Tokens"'))).toThrow("Rename it");
  });
});

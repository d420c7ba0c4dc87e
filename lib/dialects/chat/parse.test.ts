import { describe, expect, test } from "vitest";
import { parse, rejectionOf, user, withMessages } from "./testing/parse";

const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };

describe("accepts a conversation", () => {
  test.each<[string, unknown[]]>([
    ["of every role", [{ role: "developer", content: "d" }, { role: "system", content: "s" }, user]],
    [
      "with tools called and answered",
      [
        user,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: "42" },
        { role: "assistant", tool_calls: [{ id: "c", type: "custom", custom: { name: "x", input: "y" } }] },
        { role: "tool", tool_call_id: "c", content: [{ type: "text", text: "42" }] },
      ],
    ],
    [
      "with a function of old called and answered",
      [
        { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: null },
      ],
    ],
    [
      "with parts of every known kind",
      [
        {
          role: "user",
          name: "Ada",
          content: [
            { type: "text", text: "" },
            { type: "image_url", image_url: { url: "https://x/y.png", detail: "low" } },
            { type: "input_audio", input_audio: { data: "UklG", format: "wav" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } },
          ],
        },
        { role: "assistant", content: [{ type: "refusal", refusal: "No." }], refusal: null, audio: null },
      ],
    ],
    [
      "with what only some providers know",
      [
        {
          role: "user",
          content: [
            { type: "image_url", image_url: "https://x/y.png" },
            { type: "video_url", video_url: { url: "https://x/y.mp4" } },
            { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          ],
        },
        {
          role: "assistant",
          reasoning_content: "hm",
          tool_calls: [{ id: "c", function: { name: "f", arguments: {} } }],
        },
        { role: "assistant", content: "", prefix: true },
      ],
    ],
  ])("%s", (_, messages) => {
    expect(withMessages(...messages)).toMatchObject({ messageCount: messages.length });
  });
});

describe("rejects a conversation and names the place", () => {
  test.each<[unknown, string]>([
    ["Hello!", "messages[0]"],
    [null, "messages[0]"],
    [[user], "messages[0]"],
    [{}, "messages[0].role"],
    [{ role: "king", content: "x" }, "messages[0].role"],
    [{ role: ["user"], content: "x" }, "messages[0].role"],
    [{ role: "User", content: "x" }, "messages[0].role"],
    [{ role: "user" }, "messages[0].content"],
    [{ role: "user", content: null }, "messages[0].content"],
    [{ role: "user", content: 42 }, "messages[0].content"],
    [{ role: "user", content: { text: "x" } }, "messages[0].content"],
    [{ role: "user", content: ["x"] }, "messages[0].content[0]"],
    [{ role: "user", content: [{}] }, "messages[0].content[0].type"],
    [{ role: "user", content: [{ type: "text" }] }, "messages[0].content[0].text"],
    [{ role: "user", content: [user.content, 1] }, "messages[0].content[0]"],
    [
      {
        role: "user",
        content: [
          { type: "text", text: "" },
          { type: "text", text: 1 },
        ],
      },
      "messages[0].content[1].text",
    ],
    [{ role: "user", content: [{ type: "image_url" }] }, "messages[0].content[0].image_url"],
    [
      { role: "user", content: [{ type: "image_url", image_url: {} }] },
      "messages[0].content[0].image_url.url",
    ],
    [
      { role: "user", content: [{ type: "input_audio", input_audio: { format: "wav" } }] },
      "messages[0].content[0].input_audio.data",
    ],
    [{ role: "user", name: 1, content: "x" }, "messages[0].name"],
    [{ role: "tool", content: "x" }, "messages[0].tool_call_id"],
    [{ role: "tool", tool_call_id: 7, content: "x" }, "messages[0].tool_call_id"],
    [{ role: "function", content: "x" }, "messages[0].name"],
    [{ role: "assistant", tool_calls: {} }, "messages[0].tool_calls"],
    [{ role: "assistant", tool_calls: [{ ...call, id: undefined }] }, "messages[0].tool_calls[0].id"],
    [
      { role: "assistant", tool_calls: [call, { ...call, function: "f" }] },
      "messages[0].tool_calls[1].function",
    ],
    [
      { role: "assistant", tool_calls: [{ ...call, function: { arguments: "{}" } }] },
      "messages[0].tool_calls[0].function.name",
    ],
    [
      { role: "assistant", tool_calls: [{ ...call, function: { name: "f", arguments: 1 } }] },
      "messages[0].tool_calls[0].function.arguments",
    ],
    [{ role: "assistant", function_call: {} }, "messages[0].function_call"],
  ])("%j", (message, param) => {
    const refusal = rejectionOf(() => withMessages(message));
    expect([refusal.status, refusal.code, refusal.param]).toEqual([400, "invalid_request", param]);
    const later = rejectionOf(() => withMessages(user, user, message));
    expect(later.param).toBe(param.replace("messages[0]", "messages[2]"));
  });

  test.each([[undefined], [null], [[]], ["Hello!"], [{ 0: user, length: 1 }]])("messages: %j", (messages) => {
    expect(rejectionOf(() => parse({ messages }))).toMatchObject({
      code: "invalid_request",
      param: "messages",
    });
  });

  test.each([
    [{ messages: undefined }, "'messages' is required."],
    [{ model: 5 }, "'model' must be a string."],
    [{ tools: "look" }, "'tools' must be an array."],
  ])("says in plain words what is wrong: %j", (fields, message) => {
    expect(rejectionOf(() => parse({ messages: [user], ...fields })).message).toBe(message);
  });

  test("rejects an empty list and says what is missing", () => {
    expect(() => parse({ messages: [] })).toThrow("'messages' must be a list of at least one message.");
  });
});

describe("rejects a field by its type or range", () => {
  test.each<[string, unknown]>([
    ["temperature", 2.1],
    ["temperature", -0.1],
    ["temperature", "hot"],
    ["top_p", 1.01],
    ["top_p", -1],
    ["presence_penalty", 3],
    ["frequency_penalty", -2.5],
    ["n", 0],
    ["n", 1.5],
    ["max_tokens", "12"],
    ["max_tokens", -1],
    ["max_completion_tokens", 1e300],
    ["stream", 1],
    ["stream_options", []],
    ["stream_options.include_usage", { include_usage: "yes" }],
    ["stop", 5],
    ["stop", [5]],
    ["logprobs", "true"],
    ["top_logprobs", "3"],
    ["logit_bias", [1]],
    ["logit_bias.50256", { 50256: "x" }],
    ["seed", "1"],
    ["user", 7],
    ["parallel_tool_calls", "no"],
    ["modalities", "text"],
    ["response_format", "json"],
    ["response_format.type", {}],
    ["tools", {}],
    ["tools[0]", ["f"]],
    ["tools[0].type", [{ function: { name: "f" } }]],
    ["tools[0].function", [{ type: "function" }]],
    [
      "tools[1].function.name",
      [
        { type: "function", function: { name: "f" } },
        { type: "function", function: {} },
      ],
    ],
    ["tool_choice", 1],
    ["functions[0].name", [{}]],
    ["model", 5],
    ["model", "x".repeat(257)],
  ])("%s: %j", (param, value) => {
    const [field = ""] = param.split(/[.[]/);
    const refusal = rejectionOf(() => parse({ [field]: value }));
    expect([refusal.code, refusal.param]).toEqual(["invalid_request", param]);
    expect(refusal.message).toContain(`'${refusal.param}'`);
  });

  test("accepts the types that OpenAI's reference allows", () => {
    const fields = {
      temperature: 2,
      top_p: 0,
      presence_penalty: -2,
      frequency_penalty: 2,
      n: 128,
      max_completion_tokens: 5,
      stop: ["a", "b"],
      logprobs: true,
      top_logprobs: 20,
      logit_bias: { 50256: -100 },
      seed: -(2 ** 62),
      user: "u",
      parallel_tool_calls: false,
      reasoning_effort: "low",
      response_format: { type: "json_schema", json_schema: { name: "n", schema: {} } },
      tools: [
        { type: "function", function: { name: "f", parameters: { type: "object" }, strict: true } },
        { type: "custom", custom: { name: "c" } },
      ],
      tool_choice: { type: "function", function: { name: "f" } },
      service_tier: "auto",
      store: false,
      metadata: { a: "b" },
      prediction: { type: "content", content: "x" },
      verbosity: "low",
      some_providers_own: { deep: [{ er: null }] },
    };
    expect(parse(fields)).toMatchObject({ maxOutputTokens: 5, answers: 128 });
    const nulls = Object.fromEntries(Object.keys(fields).map((name) => [name, null]));
    expect(parse(nulls)).toMatchObject({ maxOutputTokens: null, answers: 1, stream: false });
  });

  test("leaves values to the provider if no answer is asked for", () => {
    const probing = { max_tokens: 0, temperature: -0.5, messages: [{ role: "user", content: null }] };
    expect(parse(probing).maxOutputTokens).toBeNull();
    expect(rejectionOf(() => parse({ ...probing, temperature: "hot" })).param).toBe("temperature");
  });
});

describe("rejects what is stored at a provider or billed separately from tokens", () => {
  const tool = { type: "function", function: { name: "f" } };
  const file = (part: object) => ({ messages: [user, { role: "user", content: [part] }] });
  const PICTURE = { type: "image_url", image_url: { url: "https://x/y.png" } };
  const HALF_A_DAY = { prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } };
  test.each<[string, object]>([
    ["store", { store: true }],
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["conversation", { conversation: { id: "conv_1" } }],
    ["background", { background: true }],
    ["deferred", { deferred: true }],
    ["cached_content", { cached_content: "cachedContents/1" }],
    ["extra_body.google.cached_content", { extra_body: { google: { cached_content: "cachedContents/1" } } }],
    ["messages[1].content[0].file.file_id", file({ type: "file", file: { file_id: "file-1" } })],
    ["messages[1].content[0].file_id", file({ type: "file", file_id: "file-1" })],
    [
      "messages[1].content[0].source.file_id",
      file({ type: "image", source: { type: "file", file_id: "f" } }),
    ],
    ["messages[1].content[0].image_file.file_id", file({ type: "image_file", image_file: { file_id: "f" } })],
    ["messages[0].audio.id", { messages: [{ role: "assistant", audio: { id: "audio_1" } }] }],
    ["service_tier", { service_tier: "priority" }],
    ["web_search_options", { web_search_options: {} }],
    ["search_parameters", { search_parameters: { mode: "on" } }],
    ["plugins", { plugins: [{ id: "web" }] }],
    ["models", { models: ["other/dearer"] }],
    ["prompt_template", { prompt_template: "{{ messages }}{{ messages }}" }],
    ["extra_body.service_tier", { extra_body: { service_tier: "priority" } }],
    ["messages[1].content[0].cache_control", file({ type: "text", text: "x", cache_control: { ttl: "1h" } })],
    [
      "messages[0].cache_control",
      { messages: [{ ...user, cache_control: { type: "ephemeral", ttl: "1h" } }] },
    ],
    [
      "tools[0].custom.cache_control",
      { tools: [{ type: "custom", custom: { name: "f", cache_control: { ttl: "1h" } } }] },
    ],
    [
      "tools[0].function.cache_control",
      { tools: [{ ...tool, function: { name: "f", cache_control: { ttl: "1h" } } }] },
    ],
    ...["", ".function"].map((at): [string, object] => {
      const mark = { cache_control: { type: "ephemeral", ttl: "1h" } };
      const called = { name: "f", arguments: "{}", ...(at === "" ? {} : mark) };
      const call = { id: "c", type: "function", function: called, ...(at === "" ? mark : {}) };
      return [
        `messages[0].tool_calls[0]${at}.cache_control`,
        { messages: [{ role: "assistant", tool_calls: [call] }] },
      ];
    }),
    ["tools[0].cache_control", { tools: [{ ...tool, cache_control: { type: "ephemeral", ttl: "1h" } }] }],
    // OpenAI's cache of twelve hours costs twice as much to write as that of 30 minutes.
    ["messages[0].prompt_cache_breakpoint", { messages: [{ ...user, ...HALF_A_DAY }] }],
    ["messages[1].content[0].prompt_cache_breakpoint", file({ type: "text", text: "x", ...HALF_A_DAY })],
    ["messages[1].content[0].prompt_cache_breakpoint", file({ ...PICTURE, ...HALF_A_DAY })],
    ["tools[0].prompt_cache_breakpoint", { tools: [{ ...tool, ...HALF_A_DAY }] }],
    [
      "tools[0].function.prompt_cache_breakpoint",
      { tools: [{ ...tool, function: { name: "f", ...HALF_A_DAY } }] },
    ],
    ["tools[0].google_search", { tools: [{ ...tool, google_search: {} }] }],
    ["tools[0].webSearch", { tools: [{ ...tool, webSearch: {} }] }],
    ["tools[1].type", { tools: [{ type: "custom", custom: { name: "c" } }, { type: "web_search" }] }],
  ])("%s", (param, fields) => {
    const refusal = rejectionOf(() => parse(fields));
    expect([refusal.status, refusal.code, refusal.param]).toEqual([400, "unsupported_parameter", param]);
  });

  test("rejects a field that some providers read as a tool's type", () => {
    const refusal = rejectionOf(() => parse({ tools: [{ ...tool, Type: "web_search" }] }));
    expect([refusal.code, refusal.param]).toEqual(["invalid_request", "tools[0].Type"]);
  });

  test("accepts such a field without a value", () => {
    const unused = {
      store: false,
      background: false,
      previous_response_id: null,
      conversation: null,
      plugins: [],
      models: [],
      tools: [],
      service_tier: "default",
    };
    expect(parse(unused).model).toBe("m");
  });
});

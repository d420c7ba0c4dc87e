import { describe, expect, test } from "vitest";
import { messageSent as message, chatSent as sent } from "#lib/translation/testing/converse/sent";
import { callOf, translationOf } from "#lib/translation/testing/translate";

const NOVA = "us.amazon.nova-pro-v1:0";
const GPT_OSS = "openai.gpt-oss-120b-1:0";
const LLAMA = "us.meta.llama4-maverick-17b-instruct-v1:0";
const MISTRAL = "mistral.mistral-large-2407-v1:0";
const CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

const look = {
  type: "function",
  function: { name: "look", description: "", parameters: { type: "object" } },
};
const call = (id: string) => ({ id, type: "function", function: { name: "look", arguments: '{"at":"it"}' } });
const result = (tool_call_id: string, content: string) => ({ role: "tool", tool_call_id, content });
const CALLED = [
  { role: "user", content: "Hello!" },
  { role: "assistant", content: null, tool_calls: [call("call.1"), call("call.2")] },
  result("call.1", "Rain"),
  result("call.2", "Sun"),
];
/** A message after a call, which these blocks answer. */
const lookedUp = (...content: object[]) => ({
  tools: [{ name: "look", input_schema: { type: "object" } }],
  messages: [
    { role: "user", content: "Hello!" },
    { role: "assistant", content: [{ type: "tool_use", id: "a", name: "look", input: {} }] },
    { role: "user", content },
  ],
});

describe("tools", () => {
  test("are sent with their whole schema, and without an empty description", () => {
    const parameters = { type: "object", $defs: { a: {} }, properties: { a: { $ref: "#/$defs/a" } } };
    const tool = { type: "function", function: { name: "a.b", description: "", parameters, strict: true } };
    const { sent: body, dropped } = sent(NOVA, { tools: [tool, { ...look, function: { name: "none" } }] });
    expect(body.toolConfig).toEqual({
      tools: [
        { toolSpec: { name: "a_b", inputSchema: { json: parameters } } },
        { toolSpec: { name: "none", inputSchema: { json: { type: "object", properties: {} } } } },
      ],
    });
    expect(dropped).toEqual(["tools[0].function.strict"]);
    expect(JSON.stringify(sent(GPT_OSS, { tools: [tool] }).sent)).toContain('"strict":true');
  });

  test.each([
    [NOVA, "required", { any: {} }],
    [NOVA, { type: "function", function: { name: "look" } }, { tool: { name: "look" } }],
    [MISTRAL, "required", { any: {} }],
    [MISTRAL, { type: "function", function: { name: "look" } }, { any: {} }],
    [LLAMA, "auto", undefined],
  ])("are forced where the model can be: %s, %j", (model, tool_choice, expected) => {
    const { sent: body } = sent(model, { tools: [look], tool_choice });
    expect(body.toolConfig).toMatchObject({ tools: [{}] });
    expect(Reflect.get(Object(body.toolConfig), "toolChoice")).toEqual(expected);
  });

  test("that must be used are refused for a model that cannot be forced", () => {
    for (const model of [LLAMA, "us.anthropic.claude-opus-5-5"])
      expect(sent(model, { tools: [look], tool_choice: "required" }).refused).toEqual(["tool_choice"]);
  });

  test("are called one at a time where Claude is told so, by its own choice alone", () => {
    const asked = { tools: [look], parallel_tool_calls: false };
    const { sent: body, dropped } = sent(CLAUDE, asked);
    expect(dropped).toEqual([]);
    expect(body.additionalModelRequestFields).toEqual({
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
    const forced = sent(CLAUDE, { ...asked, tool_choice: "required" }).sent;
    expect(forced.additionalModelRequestFields).toEqual({
      tool_choice: { type: "any", disable_parallel_tool_use: true },
    });
    expect(Object(forced.toolConfig).toolChoice).toBeUndefined();
    expect(sent(CLAUDE, { ...asked, tool_choice: "none" }).sent.additionalModelRequestFields).toBeUndefined();
    expect(sent(NOVA, asked).dropped).toEqual(["parallel_tool_calls"]);
  });

  test("are left out if none may be used, and what was called is said in words", () => {
    const { sent: body } = sent(NOVA, { tools: [look], tool_choice: "none", messages: CALLED });
    expect(body.toolConfig).toBeUndefined();
    expect(JSON.stringify(body)).not.toMatch(/toolUse|toolResult/);
    expect(JSON.stringify(body)).toMatch(/Called the tool look with.*look returned:.*Rain.*Sun/);
    // A client that leaves its tools out does not want them used either.
    expect(JSON.stringify(sent(NOVA, { messages: CALLED }).sent)).toMatch(/look returned:.*Rain/);
  });
});

describe("a conversation", () => {
  test("has the results of parallel calls in one turn, with ids as the model takes them", () => {
    const { sent: body } = sent(NOVA, { tools: [look], messages: CALLED });
    expect(body.messages).toMatchObject([
      { role: "user" },
      {
        role: "assistant",
        content: [{ toolUse: { toolUseId: "call_1" } }, { toolUse: { toolUseId: "call_2" } }],
      },
      {
        role: "user",
        content: [
          { toolResult: { toolUseId: "call_1", content: [{ text: "Rain" }] } },
          { toolResult: { toolUseId: "call_2", content: [{ text: "Sun" }] } },
        ],
      },
    ]);
    expect(JSON.stringify(sent(MISTRAL, { tools: [look], messages: CALLED }).sent)).toMatch(
      /"toolUseId":"call00001".*"toolUseId":"call00002".*"toolUseId":"call00001"/,
    );
  });

  test("has results before what the user says beside them, and marks after them", () => {
    const rain = { type: "text", text: "Rain", cache_control: { type: "ephemeral" } };
    const said = { type: "text", text: "Go on." };
    const found = { type: "tool_result", tool_use_id: "a", content: [rain] };
    expect(message(CLAUDE, lookedUp(said, found)).sent.messages).toMatchObject([
      {},
      {},
      {
        content: [
          { toolResult: { toolUseId: "a", content: [{ text: "Rain" }] } },
          { text: "Go on." },
          { cachePoint: { type: "default" } },
        ],
      },
    ]);
  });

  test("refuses a result without its call", () => {
    expect(sent(NOVA, { tools: [look], messages: [result("call_9", "Rain")] }).refused).toEqual([
      "messages[0]",
    ]);
  });

  test("leaves out blank texts, begins with the user, and keeps an empty result", () => {
    const messages = [
      { role: "assistant", content: "Hi." },
      { role: "user", content: " " },
      { role: "assistant", content: null, tool_calls: [call("call_1")] },
      result("call_1", ""),
    ];
    expect(sent(NOVA, { tools: [look], messages }).sent.messages).toMatchObject([
      { role: "user", content: [{ text: "Continue." }] },
      { role: "assistant", content: [{ text: "Hi." }, { toolUse: {} }] },
      { role: "user", content: [{ toolResult: { content: [{ json: {} }] } }] },
    ]);
  });

  test("says the system's later words as the user's", () => {
    const messages = [
      { role: "system", content: "Be kind." },
      { role: "user", content: "Hello!" },
      { role: "developer", content: "Be brief." },
    ];
    expect(sent(LLAMA, { messages }).sent).toMatchObject({
      system: [{ text: "Be kind." }],
      messages: [{ role: "user", content: [{ text: "Hello!" }, { text: "<system>Be brief.</system>" }] }],
    });
  });

  test("tells a model without a status in words that a result is an error", () => {
    const no = { type: "tool_result", tool_use_id: "a", content: "No.", is_error: true };
    const failed = (model: string) => JSON.stringify(message(model, lookedUp(no)).sent);
    expect(failed(NOVA)).toContain('"content":[{"text":"No."}],"status":"error"');
    expect(failed(LLAMA)).toContain('"content":[{"text":"Error:"},{"text":"No."}]}');
  });
});

describe("documents and pictures", () => {
  const data = (media_type: string, base64 = "JVBERi0xLjQK") => ({
    type: "base64",
    media_type,
    data: base64,
  });
  const document = (source: object, title?: string) => ({ type: "document", source, title });
  const user = (...content: object[]) => ({ messages: [{ role: "user", content }] });

  test("have names that Bedrock takes, each once, and words beside them", () => {
    const pdf = data("application/pdf");
    const text = { type: "text", media_type: "text/plain", data: "Hi" };
    expect(
      message(NOVA, user(document(pdf, "a/b: c.pdf"), document(pdf, "a b c"), document(text))).sent.messages,
    ).toEqual([
      {
        role: "user",
        content: [
          { document: { format: "pdf", name: "a b c", source: { bytes: "JVBERi0xLjQK" } } },
          { document: { format: "pdf", name: "a b c (2)", source: { bytes: "JVBERi0xLjQK" } } },
          { document: { format: "txt", name: "document", source: { bytes: "SGk=" } } },
          { text: "See the document." },
        ],
      },
    ]);
  });

  test("are refused by URL, since Bedrock fetches nothing, and of other types", () => {
    const url = { type: "url", url: "https://example.com/a" };
    const picture = (source: object) => ({ type: "image", source });
    for (const block of [
      document(url),
      picture(url),
      picture(data("image/tiff")),
      picture(data("constructor")),
      document(data("application/zip")),
    ])
      expect(message(NOVA, user(block)).refused).toEqual(["messages[0].content[0]"]);
  });
});

describe("marks for the prompt cache", () => {
  const cache_control = { type: "ephemeral", ttl: "1h" };
  const fields = {
    system: [{ type: "text", text: "Be kind.", cache_control }],
    tools: [{ name: "look", input_schema: { type: "object" }, cache_control }],
    messages: [
      { role: "user", content: [{ type: "text", text: "Hello!", cache_control: { type: "ephemeral" } }] },
      { role: "assistant", content: [{ type: "tool_use", id: "a", name: "look", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "Sun", cache_control }] },
    ],
  };
  const marks = (body: object) => JSON.stringify(body).match(/"cachePoint":{[^}]*}/g) ?? [];

  test("are points after what they are on, for the time that the model knows", () => {
    const { sent: body, dropped } = message(CLAUDE, fields);
    const hourly = '"cachePoint":{"type":"default","ttl":"1h"}';
    expect(marks(body)).toEqual(['"cachePoint":{"type":"default"}', hourly, hourly, hourly]);
    expect(dropped).toEqual([]);
  });

  test("are left out of tools for Nova, and everywhere for others, and named", () => {
    const nova = message(NOVA, fields);
    expect(marks(nova.sent)).toHaveLength(2);
    expect(nova.dropped.toSorted()).toEqual([
      "messages[2].content[0].cache_control",
      "system[0].cache_control.ttl",
      "tools[0].cache_control",
    ]);
    const llama = message(LLAMA, fields);
    expect(marks(llama.sent)).toEqual([]);
    expect(llama.dropped).toHaveLength(4);
  });
});

describe("the form of an answer", () => {
  const schema = { type: "object", properties: { title: { type: "string" } } };
  const response_format = { type: "json_schema", json_schema: { name: "a", schema } };

  test("is a schema as text, where the model has schemas", () => {
    expect(sent(GPT_OSS, { response_format }).sent.outputConfig).toEqual({
      textFormat: {
        type: "json_schema",
        structure: { jsonSchema: { schema: JSON.stringify(schema), name: "a" } },
      },
    });
  });

  test("is a tool that must be used, where one can be forced, and else is refused", () => {
    expect(sent(NOVA, { response_format }).sent.toolConfig).toMatchObject({
      tools: [{ toolSpec: { name: "answer", inputSchema: { json: schema } } }],
      toolChoice: { tool: { name: "answer" } },
    });
    expect(sent(NOVA, { response_format, tools: [look] }).refused).toEqual(["response_format"]);
    expect(sent(LLAMA, { response_format }).refused).toEqual(["response_format"]);
    expect(sent(NOVA, { response_format: { type: "json_object" } }).refused).toEqual(["response_format"]);
  });
});

test("sampling goes where the model has it", () => {
  expect(message(NOVA, { top_k: 5 }).sent.additionalModelRequestFields).toEqual({
    inferenceConfig: { topK: 5 },
  });
  expect(message(CLAUDE, { top_k: 5 }).sent.additionalModelRequestFields).toEqual({ top_k: 5 });
  expect(message(LLAMA, { top_k: 5 }).dropped).toEqual(["top_k"]);
  const both = message(CLAUDE, { temperature: 0.5, top_p: 0.9 });
  expect([both.sent.inferenceConfig, both.dropped]).toEqual([
    { maxTokens: 9_000, temperature: 0.5 },
    ["top_p"],
  ]);
});

test("the wire's own words are counted, so that the hold covers them", () => {
  const plan = (fields: object) => {
    const body = { model: "m", messages: CALLED, ...fields };
    return translationOf("chat", "converse", NOVA).plan(callOf("chat", body)).ownBytes;
  };
  const inWords = JSON.stringify(sent(NOVA, { messages: CALLED }).sent);
  const own = (inWords.match(/\[Called the tool look with |\[The tool look returned:/g) ?? []).join(
    "",
  ).length;
  expect(plan({}) - plan({ tools: [look] })).toBeGreaterThanOrEqual(own);
});

import { describe, expect, test } from "vitest";
import { unsupportedFieldNames } from "#lib/dialects/bounds/unsupported-fields";
import { png } from "#lib/dialects/media/testing/media-files";
import { quickestMs } from "#lib/testing/promptness";
import { responses } from "./dialect";
import { parseResponses } from "./parse";

const parse = (body: object) => parseResponses(JSON.stringify({ model: "m", input: "Hello", ...body }));
const user = (content: unknown) => ({ role: "user", content });
const rejected = (code: string, param: string) => expect.objectContaining({ status: 400, code, param });

/** A turn with everything that a client keeps of the turns before. */
const TURN = [
  { type: "message", id: "msg_1", role: "developer", content: [{ type: "input_text", text: "Be brief." }] },
  user("Say hello with a tool"),
  {
    type: "reasoning",
    id: "rs_1",
    summary: [{ type: "summary_text", text: "Looking around" }],
    content: null,
    encrypted_content: "gAAAAFake==",
    internal_chat_message_metadata_passthrough: { turn_id: "t", kinds: ["user.text"] },
  },
  {
    type: "function_call",
    id: "fc_1",
    call_id: "call_1",
    name: "run",
    arguments: '{"cmd":"ls"}',
    status: "completed",
  },
  { type: "function_call_output", id: "fco_1", call_id: "call_1", output: "a.txt" },
  { type: "custom_tool_call", call_id: "call_2", name: "patch", input: "*** Begin" },
  { type: "custom_tool_call_output", call_id: "call_2", output: [{ type: "input_text", text: "Done" }] },
  {
    type: "message",
    id: "msg_2",
    role: "assistant",
    phase: "final",
    content: [{ type: "output_text", text: "Hi", annotations: [], logprobs: [] }],
  },
  { type: "configuration_update", reasoning: { effort: "low" } },
];

const FOR_AN_HOUR = { type: "ephemeral", ttl: "1h" };
const HALF_A_DAY = { prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } };
const TEXT = { type: "input_text", text: "a" };
const RESULT = { type: "function_call_output", call_id: "c", output: "a" };

describe("the body of a response", () => {
  test("says what is asked for", () => {
    expect(parse({ max_output_tokens: 50, stream: true, instructions: "Be brief." })).toMatchObject({
      model: "m",
      stream: true,
      maxOutputTokens: 50,
      answers: 1,
      messageCount: 2,
      hasTools: false,
      dropped: [],
    });
    expect(parse({ max_output_tokens: null }).maxOutputTokens).toBeNull();
  });

  test("may have items of every kind that clients keep, with a known size", () => {
    const call = parse({ input: TURN, reasoning: { effort: "high", summary: "auto", context: "all_turns" } });
    expect(call).toMatchObject({ messageCount: TURN.length, mayGetTools: true });
    expect(call.media).toMatchObject({ unboundedParam: null, unknownParam: null });
    expect(call.growth.repeats).toMatchObject({ turns: 3, resultNameBytes: 8, systemMessages: 0 });
    expect(responses.promptTexts(call)).toEqual([
      "Be brief.",
      "Say hello with a tool",
      "a.txt",
      "Done",
      "Hi",
    ]);
  });

  test.each<[string, object]>([
    ["input", { input: undefined }],
    ["input", { input: null }],
    ["input", { input: [] }],
    ["input", { input: { role: "user" } }],
    ["input[0]", { input: ["a"] }],
    ["input[0].role", { input: [{ role: "tool", content: "a" }] }],
    ["input[0].content", { input: [user(5)] }],
    ["input[0].call_id", { input: [{ type: "function_call_output", output: "a" }] }],
    ["model", { model: "" }],
    ["instructions", { instructions: 5 }],
    ["stream", { stream: "yes" }],
    ["temperature", { temperature: 3 }],
    ["max_output_tokens", { max_output_tokens: "9" }],
    ["max_tokens", { max_output_tokens: 9, max_tokens: 10 }],
    ["tool_choice", { tool_choice: "web_search" }],
  ])("is rejected for a wrong %s: %j", (param, body) => {
    expect(() => parse(body)).toThrow(rejected("invalid_request", param));
  });

  test.each<[string, object]>([
    ["store", { store: true }],
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["conversation", { conversation: "conv_1" }],
    ["conversation", { conversation: { id: "conv_1" } }],
    ["background", { background: true }],
    ["prompt", { prompt: { id: "pmpt_1", variables: {} } }],
    ["prompt", { prompt: "pmpt_1" }],
    ["input[0].type", { input: [{ type: "item_reference", id: "msg_1" }] }],
    ["input[0]", { input: [{ id: "msg_1" }] }],
    ["input[0].type", { input: [{ type: "image_generation_call", id: "ig_1" }] }],
    ["input[0].id", { input: [{ type: "reasoning", id: "rs_1", summary: [] }] }],
    ["input[0].id", { input: [{ type: "reasoning", id: "rs_1", content: [], encrypted_content: null }] }],
    [
      "input[0].environment.container_id",
      {
        input: [
          {
            type: "shell_call",
            call_id: "c",
            action: { commands: ["ls"] },
            environment: { type: "container_reference", container_id: "c" },
          },
        ],
      },
    ],
    ["input[0].content[0].file_id", { input: [user([{ file_id: "file_1" }])] }],
    ["input[0].content[0].file_id", { input: [user([{ type: "input_file", file_id: "file_1" }])] }],
    ["input[0].content[0].file_id", { input: [user([{ type: "input_image", file_id: "file_1" }])] }],
    [
      "input[0].output[0].file_id",
      {
        input: [
          { type: "function_call_output", call_id: "c", output: [{ type: "input_image", file_id: "f" }] },
        ],
      },
    ],
    ["input[0].a[1].b.file_ids", { input: [{ type: "something_new", a: [1, { b: { file_ids: ["f"] } }] }] }],
    ["input[0].container_id", { input: [{ type: "code_interpreter_call", container_id: "c", code: "1" }] }],
    [
      "input[0].output.file_id",
      {
        input: [
          {
            type: "computer_call_output",
            call_id: "c",
            output: { type: "computer_screenshot", file_id: "f" },
          },
        ],
      },
    ],
  ])("is rejected for what is kept at the provider: %s %j", (param, body) => {
    expect(() => parse(body)).toThrow(rejected("unsupported_parameter", param));
  });

  test.each<[string, object]>([
    ["service_tier", { service_tier: "priority" }],
    ["context_management", { context_management: [{ type: "compaction", compact_threshold: 1000 }] }],
    ["reasoning.mode", { reasoning: { mode: "pro" } }],
    ["n", { n: 2 }],
    ["modalities", { modalities: ["text", "audio"] }],
    ["input[0].reasoning.mode", { input: [{ type: "configuration_update", reasoning: { mode: "pro" } }] }],
    ["input[0].service_tier", { input: [{ type: "configuration_update", service_tier: "priority" }] }],
    ["input[0].cache_control", { input: [{ ...user("a"), cache_control: FOR_AN_HOUR }] }],
    ["input[0].cache_control", { input: [{ ...RESULT, cache_control: FOR_AN_HOUR }] }],
    ["input[0].content[0].cache_control", { input: [user([{ ...TEXT, cache_control: FOR_AN_HOUR }])] }],
    ["input[0].content[0].cache_control", { input: [user([{ text: "a", cache_control: FOR_AN_HOUR }])] }],
    ["input[0].a[0].cache_control", { input: [{ type: "new", a: [{ cache_control: FOR_AN_HOUR }] }] }],
    ["tools[0].cache_control", { tools: [{ type: "function", name: "f", cache_control: FOR_AN_HOUR }] }],
    ["input[0].prompt_cache_breakpoint", { input: [{ ...RESULT, ...HALF_A_DAY }] }],
    ["input[0].content[0].prompt_cache_breakpoint", { input: [user([{ ...TEXT, ...HALF_A_DAY }])] }],
    ["input[0].a[0].prompt_cache_breakpoint", { input: [{ type: "new", a: [HALF_A_DAY] }] }],
    ["tools[0].prompt_cache_breakpoint", { tools: [{ type: "function", name: "f", ...HALF_A_DAY }] }],
  ])("is rejected for what is billed beyond the hold: %s", (param, body) => {
    expect(() => parse(body)).toThrow(rejected("unsupported_parameter", param));
  });

  test.each<object>([
    { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
    { type: "reasoning", id: "rs_1", summary: [], content: [{ type: "reasoning_text", text: "a" }] },
    { type: "reasoning", summary: [{ type: "summary_text", text: "a" }] },
    { ...user("a"), cache_control: { type: "ephemeral", ttl: "5m" } },
    user([{ type: "input_text", text: "a", prompt_cache_breakpoint: { mode: "explicit" } }]),
    user([{ type: "input_text", text: "a", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } }]),
    { type: "function_call", call_id: "c", name: "f", arguments: '{"file_id":"f"}' },
  ])("has a known size with %j", (item) => {
    expect(parse({ input: [item] }).media.unboundedParam).toBeNull();
  });

  test.each(unsupportedFieldNames)("is rejected for %s in any spelling, as a chat is", (name) => {
    const asked = { some: "value", ttl: "1h" };
    for (const spelt of [name, name.toUpperCase()])
      expect(() => parse({ [spelt]: asked })).toThrow(expect.objectContaining({ status: 400 }));
  });

  test.each<[string, string, object]>([
    [
      "a kind of item that is new",
      "input[0].type",
      { input: [{ type: "something_new", text: "a" }, user("a")] },
    ],
    [
      "a search that the provider made",
      "input[0].type",
      { input: [{ type: "web_search_call", id: "ws_1", status: "completed" }] },
    ],
    [
      "a summary of what it cannot see",
      "input[1].type",
      { input: [user("a"), { type: "compaction", encrypted_content: "gAAA" }] },
    ],
    [
      "reasoning of which it has the summary alone",
      "input[0].summary[0].type",
      { input: [{ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "a" }] }] },
    ],
    ["a summary that it asks for", "input[1].type", { input: [user("a"), { type: "compaction_trigger" }] }],
    [
      "a file by URL",
      "input[0].content[0].file_url",
      { input: [user([{ type: "input_file", file_url: "https://a.example/x.pdf" }])] },
    ],
    [
      "a table in plain text, to which a summary is added",
      "input[0].content[0].file_data",
      {
        input: [
          user([{ type: "input_file", filename: "a.csv", file_data: "data:text/plain;base64,YSxiCg==" }]),
        ],
      },
    ],
    ["a field that is new", "input[0].extra.a", { input: [{ ...user("a"), extra: { a: 1 } }] }],
  ])("has no known size with %s", (_, param, body) => {
    const { media, asks } = parse(body);
    expect(media.unboundedParam).toBe(param);
    expect(asks.images).toBe(true);
  });

  test("has no known size with a field that no table has", () => {
    expect(parse({ documents: [{ text: "a" }] }).media.unknownParam).toBe("documents");
  });

  test("counts pictures as such, in messages and results, and not their data as text", () => {
    const image_url = `data:image/png;base64,${png(640, 480, 60_000)}`;
    const part = { type: "input_image", image_url, detail: "high" };
    const input = [user([part]), { type: "function_call_output", call_id: "c", output: [part] }];
    const call = parse({ input });
    expect(call.media.images).toMatchObject([
      { width: 640, height: 480, detail: "high" },
      { width: 640, height: 480 },
    ]);
    expect(call.media.dataCharacters).toBeGreaterThan(100_000);
    expect(call.textTokens).toBeLessThan(100);
    expect(responses.prompt(call).characters).toBeLessThan(500);
  });

  test("is rejected for an item with a field that occurs twice", () => {
    expect(() =>
      parseResponses(
        '{"model":"m","input":[{"role":"user","content":"a","type":"message","type":"item_reference"}]}',
      ),
    ).toThrow(rejected("invalid_request", "input"));
    expect(() => parseResponses('{"model":"m","input":"a","Input":"b"}')).toThrow(
      rejected("invalid_request", "Input"),
    );
  });

  test("of 50 000 items is read in a moment", async () => {
    const json = JSON.stringify({ model: "m", input: Array.from({ length: 50_000 }, () => user("a")) });
    expect(parseResponses(json).messageCount).toBe(50_000);
    expect(await quickestMs(() => parseResponses(json))).toBeLessThan(2_000);
  });
});

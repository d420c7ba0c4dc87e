import { describe, expect, test } from "vitest";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { quickestMs } from "#lib/testing/promptness";
import { outputBoundNames } from "./output-bound-names";
import { readLimits } from "./read-limits";
import { setBoundedFields } from "./set-output-bound";
import { unsupportedFieldNames } from "./unsupported-fields";

const noneIsOwn = () => false;
const read = (body: object) => readText(JSON.stringify(body));
const readText = (json: string) => readLimits(json, topLevelFields(json), noneIsOwn);

function sentFor(body: object, field: string, tokens: number): unknown {
  const json = JSON.stringify(body);
  const fields = topLevelFields(json);
  const { outputBounds } = readLimits(json, fields, noneIsOwn);
  return JSON.parse(setBoundedFields({ json, fields, outputBounds }, {}, { tokens, field }));
}

describe("an output bound", () => {
  test.each(outputBoundNames)("is read from %s, and replaced by the provider's own name", (name) => {
    expect(read({ [name]: 5 }).maxOutputTokens).toBe(5);
    expect(sentFor({ a: 1, [name]: 5, b: 2 }, "their_name", 3)).toEqual({ a: 1, b: 2, their_name: 3 });
  });

  test.each<[string, object, object]>([
    ["Ollama", { options: { num_predict: 9, num_ctx: 512 } }, { options: { num_ctx: 512 } }],
    ["TGI", { parameters: { max_new_tokens: 9 } }, { parameters: {} }],
    [
      "Google",
      { generationConfig: { maxOutputTokens: 9, topK: 1 }, generation_config: { max_output_tokens: 9 } },
      { generationConfig: { topK: 1 }, generation_config: {} },
    ],
    [
      "LiteLLM",
      { extra_body: { google: { thinking_config: {} }, max_tokens: 9 } },
      { extra_body: { google: { thinking_config: {} } } },
    ],
    ["SGLang", { sampling_params: { max_new_tokens: 9 } }, { sampling_params: {} }],
    ["Replicate", { input: { max_new_tokens: 9, seed: 1 } }, { input: { seed: 1 } }],
    [
      "a server that Tollgate does not know",
      { theirs: [{ limits: { maxTokens: 9 } }] },
      { theirs: [{ limits: {} }] },
    ],
  ])("is found where %s reads it", (_, body, rest) => {
    expect(read(body).maxOutputTokens).toBe(9);
    expect(sentFor(body, "max_tokens", 4)).toEqual({ ...rest, max_tokens: 4 });
  });

  test("of zero or null counts as not given, and is replaced", () => {
    expect(read({ max_tokens: 0 })).toMatchObject({ maxOutputTokens: null, isZero: true });
    expect(read({ max_tokens: 0, n_predict: 7 })).toMatchObject({ maxOutputTokens: 7, isZero: false });
    expect(read({ max_tokens: null })).toMatchObject({ maxOutputTokens: null, isZero: false });
    expect(sentFor({ max_tokens: 0, n_predict: null }, "max_tokens", 16)).toEqual({ max_tokens: 16 });
  });

  test("that contradicts another is rejected with both names and values", () => {
    expect(() => read({ max_completion_tokens: 1, max_tokens: 4000 })).toThrow(
      "'max_completion_tokens' is 1 and 'max_tokens' is 4000: both bound the output. Send one of them.",
    );
    expect(() => read({ max_tokens: 1, options: { num_predict: 4000 } })).toThrow(
      "'options.num_predict' is 4000",
    );
    expect(() => readText('{"options":{"num_predict":1,"num_predict":4000}}')).toThrow("Send one of them");
  });

  test("under the provider's own name only is changed in place, to the letter", () => {
    const json = '{ "max_tokens" : 64 , "seed":9007199254740993 }';
    const fields = topLevelFields(json);
    const { outputBounds } = readLimits(json, fields, noneIsOwn);
    const sent = setBoundedFields({ json, fields, outputBounds }, {}, { tokens: 5, field: "max_tokens" });
    expect(sent).toBe('{ "max_tokens" : 5 , "seed":9007199254740993 }');
  });

  test("under a name from the provider's settings is alone, however it is spelt", () => {
    expect(sentFor({ "Answer-Limit": 9_000, answer_limit: 9_000, max_tokens: 8 }, "answer_limit", 4)).toEqual(
      {
        answer_limit: 4,
      },
    );
  });

  test.each([
    {
      tools: [{ type: "function", function: { name: "f", parameters: { properties: { max_tokens: {} } } } }],
    },
    { response_format: { json_schema: { schema: { properties: { max_length: { type: "integer" } } } } } },
    { guided_json: { properties: { n: {}, max_tokens: { default: 5 } } } },
    { metadata: { max_tokens: "5", model: "a", timeout: 3 } },
    { input: [{ role: "user", content: "x", max_tokens: 3 }], prompt: ["max_tokens"] },
    { messages: [{ role: "user", content: "x", max_tokens: 3 }] },
  ])("is no property of data: %j", (body) => {
    expect(read(body)).toMatchObject({ maxOutputTokens: null, outputBounds: { paths: [] } });
  });

  test("is found in linear time, however deep", async () => {
    const depth = 190;
    const long = '"x",'.repeat(200_000);
    const json = `{${'"a":{'.repeat(depth)}"b":[${long}"y"]${"}".repeat(depth)}}`;
    expect(await quickestMs(() => readText(json))).toBeLessThan(1_000);
  });
});

describe("what may be billed beyond the bound", () => {
  test.each<[object, number]>([
    [{ thinking_budget: 5_000 }, 5_000],
    [{ extra_body: { thinkingBudget: 5_000 } }, 5_000],
    [{ thinking: { type: "enabled", budget_tokens: 2_000 } }, 2_000],
    [{ reasoning: { max_tokens: 3_000 }, thinking_budget: 10 }, 3_000],
    [{ chat_template_kwargs: { thinking_budget: -1 } }, 0],
    [{ reasoning_effort: "high" }, 0],
  ])("a reasoning budget: %j", (body, tokens) => {
    expect(read(body)).toMatchObject({ reasoning: { budgetTokens: tokens }, maxOutputTokens: null });
  });

  test("a reasoning budget is no output bound, and travels", () => {
    const body = { reasoning: { max_tokens: 3_000 }, max_completion_tokens: 50 };
    expect(sentFor(body, "max_tokens", 50)).toEqual({ reasoning: { max_tokens: 3_000 }, max_tokens: 50 });
  });

  test.each<[object, readonly string[]]>([
    [{ prediction: { type: "content", content: "abc" } }, ["content", "abc"]],
    [{ prediction: { content: [{ type: "text", text: "é" }, { text: "b" }] } }, ["text", "é", "b"]],
    [{ speculation: "abc" }, ["abc"]],
    [{ extra_body: { Prediction: { content: "abc" } } }, ["abc"]],
    [{ prediction: null }, []],
  ])("predicted output: %j", (body, texts) => {
    expect(read(body).predictedTexts).toEqual(texts);
  });
});

describe("what would be generated, read or billed beyond the hold is rejected", () => {
  const byValue = ["cache_control", "prompt_cache_options", "prompt_cache_breakpoint"];
  test.each(unsupportedFieldNames.filter((name) => !byValue.includes(name)))("%s", (name) => {
    const rejection = expect.objectContaining({ code: "unsupported_parameter", status: 400 });
    for (const value of [7, "x", { a: 1 }, ["x"]]) {
      expect(() => read({ [name]: value })).toThrow(rejection);
      expect(() => read({ extra_body: { google: { [name]: value } } })).toThrow(
        expect.objectContaining({ param: `extra_body.google.${name}` }),
      );
      expect(() => read({ options: { [name.toUpperCase()]: value } })).toThrow(rejection);
    }
    for (const value of [null, false, 0, []]) expect(() => read({ [name]: value })).not.toThrow();
  });

  test.each<object>([
    { best_of: 1, use_beam_search: false, num_beams: 1 },
    { service_tier: "auto", speed: "standard" },
    { reasoning: { mode: "standard" }, mode: "chat" },
    { enable_search: "off", enable_web_search: "never" },
    { modalities: ["text"], response_modalities: ["text"] },
    { extra_body: { n: 1, model: null, stream: false }, num_retries: 0, additional_drop_params: [] },
    { cache_control: { type: "ephemeral", ttl: "5m" } },
    { prompt_cache_options: { mode: "explicit", ttl: "30m" } },
    { extra_body: { prompt_cache_options: { mode: "implicit", ttl: null } }, prompt_cache_options: {} },
    { min_tokens: 9, ignore_eos: true, transforms: ["middle-out"], top_k: 3 },
  ])("but not a value that asks for no more: %j", (body) => {
    expect(() => read(body)).not.toThrow();
  });

  test("but not sound, where the dialect reads it and has a price for it", () => {
    const json = JSON.stringify({ modalities: ["text", "audio"] });
    const isOwn = (name: string) => name === "modalities";
    expect(() => readLimits(json, topLevelFields(json), isOwn)).not.toThrow();
  });

  test.each<[string, object]>([
    ["modalities", { modalities: ["text", "image"] }],
    ["modalities", { modalities: ["AUDIO"] }],
    ["modalities", { modalities: ["text", "audio"] }],
    ["output_modalities", { output_modalities: ["audio"] }],
    ["extra_body.modalities", { extra_body: { modalities: ["audio"] } }],
    ["cache_control", { cache_control: { type: "ephemeral", ttl: "1h" } }],
    ["prompt_cache_options", { prompt_cache_options: { ttl: "24h" } }],
    ["prompt_cache_options", { prompt_cache_options: { mode: "explicit", new_option: "x".repeat(200) } }],
    ["prompt_cache_options", { prompt_cache_options: "explicit" }],
    ["extra_body.prompt_cache_options", { extra_body: { prompt_cache_options: { mode: "forever" } } }],
    ["extra_body.n", { extra_body: { n: 4 } }],
    ["options.model", { options: { model: "dearer" } }],
    ["input.messages", { input: { messages: [{ role: "user", content: [] }] } }],
    ["extra_body.messages", { extra_body: { messages: [{ role: "user", content: [] }] } }],
    ["extra_body.google.tools", { extra_body: { google: { tools: [{ google_search: {} }] } } }],
    ["extra_body.stream_options", { extra_body: { stream_options: { include_usage: false } } }],
    ["extra_body.stream", { extra_body: { stream: true } }],
    ["additional_drop_params", { max_tokens: 5, additional_drop_params: ["max_tokens"] }],
    ["extra_body.num_retries", { extra_body: { num_retries: 20 } }],
    ["reasoning.mode", { reasoning: { mode: "pro", effort: "high" } }],
    ["extra_body.reasoning.mode", { extra_body: { reasoning: { mode: "pro" } } }],
    ["roles", { roles: { user: { pre_message: "a long text before each message" } } }],
    ["chat_template_kwargs.chat_template", { chat_template_kwargs: { chat_template: "{{ x }}" } }],
    ["providerOptions.gateway.models", { providerOptions: { gateway: { models: ["dearer"] } } }],
  ])("%s in %j", (param, body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: "unsupported_parameter", param }));
  });

  test.each<[object, number]>([
    [{ enable_thinking: true }, 81_920],
    [{ extra_body: { enable_thinking: true } }, 81_920],
    [{ enable_thinking: true, thinking_budget: 100 }, 100],
    [{ enable_thinking: true, thinking_budget: -1 }, 81_920],
    [{ enable_thinking: false }, 0],
    [{ chat_template_kwargs: { enable_thinking: true } }, 0],
  ])("%j is held with %i tokens for reasoning, which the output bound does not cover", (body, tokens) => {
    expect(read({ max_tokens: 5, ...body }).reasoning.budgetTokens).toBe(tokens);
  });

  test("says why", () => {
    expect(() => read({ plugins: [{ id: "web" }] })).toThrow(
      "plugins is not supported: it is billed separately from tokens.",
    );
    expect(() => read({ best_of: 3 })).toThrow("it makes more answers than are paid for");
  });
});

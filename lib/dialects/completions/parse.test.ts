import { describe, expect, test } from "vitest";
import { NO_EDITS } from "#lib/dialects/testing/edits";
import { rejectedFor } from "#lib/dialects/testing/rejected-for";
import { completions } from "./dialect";
import { parseCompletion } from "./parse";

const parse = (fields: object) => parseCompletion(JSON.stringify({ model: "m", prompt: "Hello", ...fields }));

describe("the body of a completion", () => {
  test.each<[string, unknown, { prompts: number; textTokens: number; givenTokens: number }]>([
    ["a text", "Hello world", { prompts: 1, textTokens: 2, givenTokens: 0 }],
    ["an empty text", "", { prompts: 1, textTokens: 0, givenTokens: 0 }],
    ["texts", ["Hello world", "Hello"], { prompts: 2, textTokens: 3, givenTokens: 0 }],
    ["tokens", [9906, 1917, 0], { prompts: 1, textTokens: 3, givenTokens: 3 }],
    ["lists of tokens", [[9906], [1917, 5]], { prompts: 2, textTokens: 3, givenTokens: 3 }],
    ["nothing, which continues a text's end", null, { prompts: 1, textTokens: 1, givenTokens: 1 }],
  ])("has prompts: %s", (_, prompt, expected) => {
    expect(parse({ prompt })).toMatchObject({ ...expected, answers: expected.prompts });
  });

  test("bounds each answer as the API does without max_tokens", () => {
    expect(parse({})).toMatchObject({ maxOutputTokens: null, defaultOutputTokens: 16 });
    expect(parse({ max_tokens: 900 })).toMatchObject({ maxOutputTokens: 900 });
    // Some servers read zero as no bound.
    expect(parse({ max_tokens: 0, echo: true })).toMatchObject({
      maxOutputTokens: null,
      defaultOutputTokens: 1,
    });
  });

  test.each<[string, object, { answers: number; withheldAnswers: number }]>([
    ["n", { n: 3 }, { answers: 6, withheldAnswers: 0 }],
    ["best_of", { best_of: 5 }, { answers: 10, withheldAnswers: 8 }],
    ["the greater of both", { n: 2, best_of: 5 }, { answers: 10, withheldAnswers: 6 }],
    ["a lower best_of", { n: 3, best_of: 0 }, { answers: 6, withheldAnswers: 0 }],
    ["null for both", { n: null, best_of: null }, { answers: 2, withheldAnswers: 0 }],
  ])("asks for answers to each prompt: %s", (_, fields, expected) => {
    expect(parse({ prompt: ["a", "b"], ...fields })).toMatchObject(expected);
  });

  test.each<[string, string, object]>([
    ["no prompt", "prompt", { prompt: undefined }],
    ["messages in place of a prompt", "prompt", { prompt: undefined, messages: [{ role: "user" }] }],
    ["an empty list", "prompt", { prompt: [] }],
    ["a number beside a text", "prompt[1]", { prompt: ["a", 1] }],
    ["a fraction", "prompt", { prompt: [1.5] }],
    ["an object", "prompt", { prompt: { text: "a" } }],
    ["a suffix that is no text", "suffix", { suffix: ["a"] }],
    ["too many answers", "n", { n: 129 }],
    ["too many answers in all", "best_of", { prompt: Array.from({ length: 500 }, () => "a"), best_of: 9 }],
    ["too many prompts", "prompt", { prompt: Array.from({ length: 4_097 }, () => [1]) }],
    ["a stream of the best", "best_of", { best_of: 2, stream: true }],
    ["a temperature beyond the range", "temperature", { temperature: 2.1 }],
    ["two bounds", "n_predict", { max_tokens: 5, n_predict: 6 }],
    ["no model", "model", { model: "" }],
  ])("is rejected for %s", (_, param, fields) => {
    expect(() => parse(fields)).toThrow(rejectedFor(param));
  });

  test("is rejected for a field that occurs twice, in any spelling", () => {
    for (const name of ["prompt", "Prompt", "Best_Of", "N"]) {
      expect(() => parseCompletion(`{"model":"m","prompt":"a","n":1,"best_of":1,"${name}":2}`)).toThrow(
        expect.objectContaining({ code: "invalid_request" }),
      );
    }
  });

  test.each<[string, object]>([
    ["extra_body.best_of", { extra_body: { best_of: 4 } }],
    ["extra_body.n", { extra_body: { n: 4 } }],
    ["use_beam_search", { use_beam_search: true, n: 4 }],
    ["store", { store: true }],
    ["service_tier", { service_tier: "priority" }],
    ["tools", { tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 50 }] }],
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["functions", { functions: [{ name: "f" }] }],
    ["tool_choice", { tool_choice: { type: "function", function: { name: "f" } } }],
    ["function_call", { function_call: { name: "f" } }],
    ["extra_body.tools", { extra_body: { tools: [{ type: "web_search" }] } }],
  ])("is rejected for what is not held: %s", (param, fields) => {
    expect(() => parse(fields)).toThrow(expect.objectContaining({ code: "unsupported_parameter", param }));
  });

  test("may say that it has no tools", () => {
    const none = { tools: [], functions: null, tool_choice: "none", function_call: "none" };
    expect(parse(none)).toMatchObject({ hasTools: false, unknownFields: [] });
  });

  test("names what Tollgate does not know, which is rejected under a hard budget", () => {
    expect(parse({ prompt_embeds: "AAAA" }).unknownFields).toEqual(["prompt_embeds"]);
    const known = {
      suffix: "b",
      echo: true,
      logprobs: 5,
      seed: 1,
      stop: ["\n"],
      logit_bias: { 5: -100 },
      user: "u",
    };
    expect(parse({ ...known, response_format: { type: "json_object" }, top_k: 1 }).unknownFields).toEqual([]);
  });

  test("returns the prompt with each answer if asked to", () => {
    const prompt = ["eight letters each", "and so on and on"];
    expect(parse({ prompt }).echoedTokens).toBe(0);
    const { echoedTokens } = parse({ prompt, echo: true, n: 2, best_of: 3 });
    // Two of each: three and four tokens, rounded down.
    expect(echoedTokens).toBeGreaterThanOrEqual(2 * 6);
    expect(echoedTokens).toBeLessThanOrEqual(2 * 8);
  });

  test("reads a suffix and the form of an answer with each prompt", () => {
    const suffix = "x".repeat(100);
    const response_format = { type: "json_schema", json_schema: { name: "a", schema: { type: "object" } } };
    const shared = (fields: object) => parse({ ...fields }).growth.sharedBytes;
    expect(shared({ suffix, response_format })).toBe(0);
    expect(shared({ suffix, prompt: ["a", "b", "c"] })).toBe(200);
    expect(shared({ response_format, prompt: ["a", "b"] })).toBeGreaterThanOrEqual(
      JSON.stringify(response_format).length,
    );
  });

  test("is weighed by its texts, each as often as it is read", () => {
    const texts = parse({ prompt: ["one two", "three"], suffix: "four" });
    expect(completions.prompt(texts).texts).toEqual(expect.arrayContaining(["one two", "three", "four"]));
    expect(completions.promptTexts(texts)).toEqual(["one two", "three"]);
    const tokens = completions.prompt(parse({ prompt: [[1, 2], [3]] }));
    expect(tokens.structureTokens).toBeGreaterThanOrEqual(3);
    expect(tokens.texts).not.toContain("3");
  });

  test("of 200 000 tokens is read in a moment", () => {
    const json = JSON.stringify({ model: "m", prompt: Array.from({ length: 200_000 }, () => 7) });
    const startedMs = performance.now();
    expect(parseCompletion(json).textTokens).toBe(200_000);
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });
});

describe("the body that goes upstream", () => {
  test("is the client's own, byte for byte but for the model", () => {
    const json =
      '{ "prompt":[ "\\u00e9 \\/" , "b"],"model":"m" ,"seed": 12345678901234567890, "max_tokens":1e2,"echo":null }';
    expect(completions.edit(parseCompletion(json), NO_EDITS)).toBe(json);
    expect(completions.edit(parseCompletion(json), { ...NO_EDITS, upstreamModel: "n" })).toBe(
      json.replace('"m"', '"n"'),
    );
  });

  test("has the bound that is held, and asks a stream for its usage", () => {
    const sent = (fields: object, edits: object) =>
      JSON.parse(completions.edit(parse(fields), { ...NO_EDITS, ...edits }));
    expect(sent({}, { outputLimitTokens: 16 })).toEqual({ model: "m", prompt: "Hello", max_tokens: 16 });
    expect(sent({ stream: true }, {})).toMatchObject({ stream_options: { include_usage: true } });
    expect(sent({ stream: true }, { streamUsage: false })).not.toHaveProperty("stream_options");
  });
});

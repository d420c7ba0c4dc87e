import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isData } from "#lib/dialects/bounds/data-fields";
import { knownSettingsNames, knownValueNames } from "#lib/dialects/bounds/known-fields";
import { plainName } from "#lib/dialects/bounds/plain-name";
import { spellingsOf } from "#lib/dialects/testing/spellings";
import { ApiError } from "#lib/http/api-error";
import { parseChat } from "./parse";
import { parse, user } from "./testing/parse";

const unknownIn = (fields: object) => {
  const { media, growth } = parse(fields);
  return [media.unknownParam, growth.scalarBytes];
};
const schema = { type: "object", properties: { a: { type: "string", description: "x".repeat(99) } } };

/** What clients send besides the fields that Tollgate reads. */
const ORDINARY: readonly (readonly [string, object])[] = [
  [
    "OpenAI",
    {
      stop: ["\n", "END"],
      logit_bias: { "50256": -100 },
      metadata: { chat: "x".repeat(200), topic: "a" },
      user: "u".repeat(100),
      safety_identifier: "s".repeat(64),
      prompt_cache_key: "k".repeat(100),
      prompt_cache_retention: "24h",
      prompt_cache_options: { mode: "explicit", ttl: "30m" },
      modalities: ["text", "audio"],
      audio: { voice: "alloy", format: "wav" },
      response_format: { type: "json_schema", json_schema: { name: "n", schema } },
      tools: [{ type: "function", function: { name: "f", parameters: schema } }],
      tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [{ type: "function" }] } },
      prediction: { type: "content", content: "x".repeat(200) },
      reasoning_effort: "xhigh",
      verbosity: "low",
      service_tier: "auto",
      store: false,
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      parallel_tool_calls: true,
      web_search_options: null,
    },
  ],
  ["OpenAI, long ago", { functions: [{ name: "f", parameters: schema }], function_call: { name: "f" } }],
  [
    "vLLM",
    {
      chat_template_kwargs: { enable_thinking: false },
      guided_json: schema,
      structured_outputs: { json: schema },
      guided_choice: ["yes", "no"],
      guided_regex: "[a-z]".repeat(40),
      guided_grammar: 'root ::= "yes" | "no"'.repeat(9),
      stop_token_ids: [1, 2],
      bad_words: ["bad"],
      allowed_token_ids: [5],
      vllm_xargs: { a: [1] },
      top_k: 40,
      min_p: 0.05,
      repetition_penalty: 1.05,
      ignore_eos: false,
      truncate_prompt_tokens: 4_000,
      cache_salt: "s".repeat(80),
      priority: 0,
      documents: [],
    },
  ],
  ["SGLang", { regex: "a".repeat(99), ebnf: "b".repeat(99), lora_path: "x".repeat(99), rid: ["r"] }],
  [
    "llama.cpp",
    {
      grammar: "root ::= [a-z]*".repeat(9),
      json_schema: schema,
      samplers: ["top_k", "min_p"],
      dry_sequence_breakers: ["\n", ":"],
      mirostat: 0,
      cache_prompt: true,
      lora: [{ id: 0, scale: 1 }],
    },
  ],
  [
    "Ollama",
    { options: { num_ctx: 8_192, temperature: 0.5, stop: ["x"] }, keep_alive: "5m", format: schema },
  ],
  [
    "OpenRouter",
    {
      reasoning: { effort: "high", exclude: false },
      usage: { include: true },
      transforms: ["middle-out"],
      session_id: "s".repeat(100),
      provider: null,
    },
  ],
  [
    "Anthropic and DeepSeek",
    { thinking: { type: "enabled", budget_tokens: 1_024 }, user_id: "u".repeat(99) },
  ],
  [
    "Google",
    { extra_body: { google: { thinking_config: { thinking_level: "low", include_thoughts: true } } } },
  ],
  ["Vercel", { providerOptions: { anthropic: { thinking: { type: "enabled", budgetTokens: 1_024 } } } }],
  ["Groq", { reasoning_format: "parsed", include_reasoning: true }],
  ["Mistral", { safe_prompt: false, random_seed: 4, prompt_mode: null }],
  ["Qwen", { enable_thinking: true, thinking_budget: 1_000, top_k: 5, result_format: "message" }],
  ["Fireworks and Together", { context_length_exceeded_behavior: "truncate", prompt_truncate_len: 100 }],
  ["NVIDIA", { nvext: { top_k: 4, ignore_eos: true, repetition_penalty: 1.1 } }],
];

describe("what clients send every day", () => {
  test.each(ORDINARY)("is known: %s", (_, fields) => {
    expect(unknownIn(fields)[0]).toBeNull();
    expect(unknownIn(fields)[1]).toBeLessThanOrEqual(8);
  });

  test("is judged inside settings", () => {
    for (const name of knownSettingsNames) expect(isData(plainName(name), "{")).toBe(false);
    expect(unknownIn({ options: { theirs: [1] } })[0]).toBe("options.theirs");
    expect(unknownIn({ extra_body: { google: { cached: { a: 1 } } } })[0]).toBe("extra_body.google.cached");
  });
});

describe("what a template could write at any length", () => {
  test.each<[string, object]>([
    ["documents", { documents: Array(3_000).fill({}) }],
    ["extra_body.documents", { extra_body: { documents: [{}] } }],
    ["nvext.token_data", { nvext: { token_data: [1, 2] } }],
    ["Documents", { Documents: [{}] }],
    ["role_mapping", { role_mapping: { user: "x".repeat(99) } }],
    ["session_params", { session_params: [{ id: "x" }] }],
    ["guideline", { guideline: "x".repeat(65) }],
    ["enable_thinking", { enable_thinking: [[1]] }],
    ["reasoning.theirs", { reasoning: { theirs: [1] } }],
    ["reasoning", { reasoning: ["x"] }],
    ["responseFormat", { responseFormat: { schema: { a: 1 } } }],
    ["extra_body.response_format", { extra_body: { response_format: { json_schema: { a: 1 } } } }],
    ["theirs", { theirs: 1e300 }],
  ])("has no bound: %s", (param, fields) => {
    expect(unknownIn(fields)[0]).toBe(param);
  });

  test("has no bound as a number of many digits", () => {
    const digits = "7".repeat(65);
    const { media } = parseChat(`{"model":"m","messages":[{"role":"user","content":""}],"bos":${digits}}`);
    expect(media.unknownParam).toBe("bos");
  });

  const known = new Set(knownValueNames.map(plainName));
  const spelling = spellingsOf(
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.constantFrom("documents", "contexts", "custom_tools", "guideline", "categories", "available_tools"),
    ),
  ).filter((text) => !known.has(plainName(JSON.parse(text))) && plainName(JSON.parse(text)) !== "n");
  const value = fc.oneof(
    fc.constantFrom("[0]", "[[]]", '{"a":1}', "[{}]", '{ "a" : {} }', '[ "x" ]'),
    fc.integer({ min: 65, max: 400 }).map((length) => JSON.stringify("x".repeat(length))),
    fc.integer({ min: 65, max: 400 }).map((length) => "7".repeat(length)),
  );
  const place = fc.constantFrom<(field: string) => string>(
    (field) => field,
    (field) => `"extra_body":{${field}}`,
    (field) => `"options":{"top_k":1,${field},${field}}`,
    (field) => `"parameters":{"theirs":{${field}}}`,
    (field) => `"reasoning":{${field}}`,
    (field) => `"nvext":{"list":[1,{${field}}]}`,
  );

  test("is found under any name, spelling and repetition, anywhere outside the messages", () => {
    let found = 0;
    fc.assert(
      fc.property(spelling, value, place, (name, given, put) => {
        const json = `{"model":"m","messages":${JSON.stringify([user])},${put(`${name}:${given}`)}}`;
        try {
          const { media } = parseChat(json);
          expect(media.unknownParam).not.toBeNull();
          found += 1;
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
    expect(found).toBeGreaterThan(800);
  });
});

test("short words of unknown meaning are counted, since a template may write them with each message", () => {
  expect(unknownIn({ eos: "abc", theirs: { n: "de" }, size: 1.5, on: true })).toEqual(["theirs", 8]);
  expect(unknownIn({ extra_body: { eos: "abc" } })).toEqual([null, 3]);
  expect(unknownIn({ temperature: 0.5, top_k: 5, reasoning_effort: "low" })).toEqual([null, 0]);
});

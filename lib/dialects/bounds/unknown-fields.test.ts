import { describe, expect, test } from "vitest";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { readLimits } from "./read-limits";
import { MOST_UNKNOWN_FIELDS } from "./unknown-fields";

const unknownIn = (body: object) => {
  const json = JSON.stringify(body);
  return readLimits(json, topLevelFields(json), (name) => name === "messages").unknown.fields;
};

describe("the fields that Tollgate does not know", () => {
  // Each of them chooses what is billed at some gateway: another bound, model, tier or cache.
  test.each<[string, object, string[]]>([
    [
      "TensorZero's patches of the body",
      { "tensorzero::extra_body": [{ pointer: "/max_completion_tokens", value: 16_000 }] },
      ["tensorzero::extra_body"],
    ],
    ["TensorZero's variant", { "tensorzero::variant_name": "dear" }, ["tensorzero::variant_name"]],
    ["orq.ai's load balancer", { orq: { load_balancer: [{ model: "openai/o1-pro", weight: 1 }] } }, ["orq"]],
    ["NanoGPT's cache of an hour", { prompt_caching: { enabled: true, ttl: "1h" } }, ["prompt_caching"]],
    ["a switch", { enable_premium: true }, ["enable_premium"]],
    ["a number", { boost: 2 }, ["boost"]],
    ["a field of settings", { nvext: { boost: 2 } }, ["nvext.boost"]],
    ["a field that is merged into the body", { extra_body: { boost: "x" } }, ["extra_body.boost"]],
  ])("are named: %s", (_, body, fields) => {
    expect(unknownIn(body)).toEqual(fields);
  });

  test.each<[string, object]>([
    ["what asks for nothing", { a: null, b: false, c: {}, d: [] }],
    ["sampling", { top_k: 1, min_p: 0.1, seed: 7, mirostat: 2, options: { temperature: 0, num_ctx: 4_096 } }],
    ["forms of the answer", { return_token_ids: true, include_reasoning: true, reasoning_format: "parsed" }],
    ["reasoning", { reasoning: { effort: "high", summary: "auto" }, thinking: { type: "enabled" } }],
    ["switches of a template", { chat_template_kwargs: { enable_thinking: true } }],
    ["a word of an embedding", { input_type: "query", truncate: true, dimensions: 8 }],
    ["documents, which hold the context window", { documents: [{ text: "x" }] }],
    ["notes and ids", { metadata: { anything: 1 }, user: "a", safety_identifier: "b", session_id: "c" }],
    ["what the messages have", { messages: [{ role: "user", content: "x", theirs: 1 }] }],
  ])("are none in %s", (_, body) => {
    expect(unknownIn(body)).toEqual([]);
  });

  test("are counted up to one more than can be allowed", () => {
    const body = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`x${at}`, at + 1]));
    expect(unknownIn(body)).toHaveLength(MOST_UNKNOWN_FIELDS + 1);
  });
});

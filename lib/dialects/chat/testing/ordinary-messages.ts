import { png, wav } from "#lib/dialects/media/testing/media-files";

export const part = (...content: unknown[]) => ({ role: "user", content });
export const said = (fields: object) => ({ role: "assistant", content: "Yes.", ...fields });
export const call = (fields: object = {}) => ({
  id: "call_1",
  type: "function",
  function: { name: "f", arguments: '{"a":1}' },
  ...fields,
});
export const PNG = `data:image/png;base64,${png(64, 64)}`;
export const picture = (fields: object = {}) => ({ type: "image_url", image_url: { url: PNG, ...fields } });
const ephemeral = { type: "ephemeral" };

/** What clients send every day: documented fields, and answers sent back as the SDKs print them. */
export const ORDINARY_MESSAGES: readonly (readonly [string, ...object[]])[] = [
  [
    "OpenAI's SDK",
    { role: "developer", content: "Be brief.", name: "rules" },
    part({ type: "text", text: "Look" }, picture({ detail: "high" })),
    said({ refusal: null, annotations: [], audio: null, function_call: null, tool_calls: null }),
  ],
  ["OpenAI's audio", part({ type: "input_audio", input_audio: { data: wav(1), format: "wav" } })],
  [
    "OpenAI's tools",
    said({
      content: null,
      tool_calls: [call({ index: 0 }), { id: "c2", type: "custom", custom: { name: "g", input: "x" } }],
    }),
    { role: "tool", tool_call_id: "call_1", content: [{ type: "text", text: "7" }], name: "f" },
    { role: "function", name: "f", content: "7" },
    said({ function_call: { name: "f", arguments: "{}" } }),
  ],
  [
    "OpenAI's structured answers and citations",
    said({
      parsed: { any: 1, deep: [true] },
      tool_calls: [call({ function: { name: "f", arguments: "{}", parsed_arguments: { x: 1 } } })],
    }),
    said({
      annotations: [
        {
          type: "url_citation",
          url_citation: { url: "https://a.example", title: "A", content: "a", start_index: 0, end_index: 4 },
        },
      ],
    }),
  ],
  [
    "OpenAI's marks of what is to be cached",
    part(
      { type: "text", text: "Long", prompt_cache_breakpoint: { mode: "explicit" } },
      { ...picture(), prompt_cache_breakpoint: { mode: "explicit" } },
    ),
  ],
  ["OpenAI's training data", said({ weight: 0 }), said({ phase: "commentary" })],
  [
    "OpenRouter",
    part({ type: "text", text: "Long", cache_control: ephemeral }),
    said({
      reasoning: "Hm",
      images: [{ type: "image_url", image_url: { url: PNG }, index: 0 }],
      reasoning_details: [
        {
          type: "reasoning.text",
          text: "Hm",
          signature: "s",
          id: null,
          format: "anthropic-claude-v1",
          index: 0,
        },
        { type: "reasoning.summary", summary: "Hm", format: "openai-responses-v1", index: 1 },
        {
          type: "reasoning.encrypted",
          data: "x".repeat(99),
          id: "rs_1",
          format: "openai-responses-v1",
          index: 2,
        },
      ],
    }),
  ],
  ["DeepSeek", said({ reasoning_content: "Hm", prefix: true })],
  ["Moonshot and Qwen", said({ partial: true, name: "assistant" })],
  [
    "Mistral",
    said({
      prefix: false,
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "Hm" }], closed: true },
        { type: "text", text: "So" },
      ],
    }),
    part({ type: "image_url", image_url: PNG }),
  ],
  [
    "Google",
    said({
      extra_content: { google: { thought: true, thought_signature: "s".repeat(80) } },
      tool_calls: [call({ extra_content: { google: { thought_signature: "s".repeat(80) } } })],
    }),
  ],
  [
    "LiteLLM",
    said({
      reasoning_content: "Hm",
      thinking_blocks: [
        { type: "thinking", thinking: "Hm", signature: "s", cache_control: ephemeral },
        { type: "redacted_thinking", data: "x".repeat(99) },
      ],
      provider_specific_fields: { refusal: null, citations: null, thought_signatures: ["s"] },
      tool_calls: [call({ provider_specific_fields: { thought_signature: "s" }, cache_control: ephemeral })],
    }),
    part(picture({ format: "image/png" })),
  ],
  ["Cohere and Perplexity", said({ tool_plan: "First f." }), said({ citations: ["https://a.example"] })],
  [
    "Anthropic's parts",
    part({
      type: "image",
      source: { type: "base64", media_type: "image/png", data: png(64, 64) },
      cache_control: { type: "ephemeral", ttl: "5m" },
    }),
    said({
      content: [
        { type: "thinking", thinking: "Hm", signature: "s" },
        { type: "tool_use", id: "t", name: "f", input: { url: "https://a.example", any: [1, null, true] } },
      ],
    }),
    part({
      type: "tool_result",
      tool_use_id: "t",
      is_error: false,
      content: [{ type: "text", text: "7" }],
    }),
  ],
  [
    "parts of the Responses API",
    part({ type: "input_text", text: "Hi" }),
    said({ content: [{ type: "output_text", text: "Ho", annotations: [] }] }),
  ],
  ["vLLM", said({ reasoning: "Hm", tool_calls: [] })],
  [
    "notes of a client",
    { role: "user", content: "Hi", id: "m1", metadata: { chat: 7, deep: { x: [1] } }, timestamp: 1 },
  ],
  ["unset fields of any name", { role: "user", content: "Hi", newest: null }],
];

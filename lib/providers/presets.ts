/** A provider that people use: what `POST /providers` takes, but for its name and credentials. */
export type ProviderPreset = {
  name: string;
  type: string;
  /** May have placeholders, like `{account_id}`. */
  baseUrl: string;
  settings: Readonly<Record<string, unknown>>;
};

const MAX_COMPLETION_TOKENS = "max_completion_tokens";
const ALL_DIALECTS = ["chat", "completions", "embeddings", "responses", "messages"];

const compatible = (name: string, baseUrl: string, settings: ProviderPreset["settings"]): ProviderPreset => ({
  name,
  type: "openai-compatible",
  baseUrl,
  settings,
});

/**
 * The base URLs, dialects and quirks of providers, as they document them. `output_limit_field` is left out where it is
 * `max_tokens`, and `stream_usage` where `stream_options` may be sent. Whether they stop on a disconnect, what they state
 * as cost and how fast they are is known by their addresses (lib/gateway/sizing), also without a preset.
 */
export const PROVIDER_PRESETS: readonly ProviderPreset[] = [
  // console.groq.com/docs/api-reference; groq-sdk 1.6.0 (`max_tokens` is deprecated)
  compatible("groq", "https://api.groq.com/openai/v1", {
    dialects: ["chat", "responses"],
    output_limit_field: MAX_COMPLETION_TOKENS,
  }),
  // docs.mistral.ai/api; @mistralai/mistralai 2.7.0: a strict schema without `stream_options`; streams end with the usage
  compatible("mistral", "https://api.mistral.ai/v1", {
    dialects: ["chat", "embeddings"],
    stream_usage: false,
  }),
  // api-docs.deepseek.com: also without /v1. Its Messages API has a base URL of its own, …/anthropic
  compatible("deepseek", "https://api.deepseek.com/v1", { dialects: ["chat"] }),
  // docs.x.ai/docs/api-reference; @ai-sdk/xai 3.0.138. Its Messages API is deprecated
  compatible("xai", "https://api.x.ai/v1", {
    dialects: ["chat", "responses"],
    output_limit_field: MAX_COMPLETION_TOKENS,
  }),
  // openrouter.ai/docs/api-reference; ChatStreamOptions: "has no effect. Full usage details are always included"
  compatible("openrouter", "https://openrouter.ai/api/v1", { dialects: ALL_DIALECTS, stream_usage: false }),
  // docs.together.ai/reference; together-ai 0.52.0
  compatible("together", "https://api.together.ai/v1", { dialects: ["chat", "completions", "embeddings"] }),
  // docs.fireworks.ai/guides/querying-text-models and /tools-sdks/anthropic-compatibility
  compatible("fireworks", "https://api.fireworks.ai/inference/v1", { dialects: ALL_DIALECTS }),
  // platform.moonshot.ai/docs/api/chat; @ai-sdk/moonshotai 2.0.61. Its Messages API has another base URL, …/anthropic
  compatible("moonshot", "https://api.moonshot.ai/v1", {
    dialects: ["chat"],
    output_limit_field: MAX_COMPLETION_TOKENS,
  }),
  // docs.z.ai/api-reference; the Coding Plan has https://api.z.ai/api/coding/paas/v4
  compatible("zai", "https://api.z.ai/api/paas/v4", { dialects: ["chat"] }),
  // inference-docs.cerebras.ai/api-reference; @cerebras/cerebras_cloud_sdk 1.91.0 (`max_tokens` is deprecated)
  compatible("cerebras", "https://api.cerebras.ai/v1", {
    dialects: ["chat", "completions"],
    output_limit_field: MAX_COMPLETION_TOKENS,
  }),
  // docs.perplexity.ai/api-reference; @perplexity-ai/perplexity_ai 0.38.5: no `stream_options`, each chunk has the usage
  compatible("perplexity", "https://api.perplexity.ai", { dialects: ["chat"], stream_usage: false }),
  // docs.api.nvidia.com/nim/reference
  compatible("nvidia", "https://integrate.api.nvidia.com/v1", { dialects: ["chat", "embeddings"] }),
  // docs.github.com/en/rest/models/inference and /embeddings
  compatible("github-models", "https://models.github.ai/inference", { dialects: ["chat", "embeddings"] }),
  // developers.cloudflare.com/ai-gateway/usage/chat-completion
  compatible(
    "cloudflare-ai-gateway",
    "https://gateway.ai.cloudflare.com/v1/{account_id}/{gateway_id}/compat",
    { dialects: ["chat"] },
  ),
  // docs.vllm.ai/en/latest/serving/openai_compatible_server
  compatible("vllm", "http://localhost:8000/v1", { dialects: ALL_DIALECTS }),
  // docs.ollama.com/api/openai-compatibility and /anthropic-compatibility
  compatible("ollama", "http://localhost:11434/v1", { dialects: ALL_DIALECTS }),
  // lmstudio.ai/docs/developer/openai-compat and /anthropic-compat
  compatible("lm-studio", "http://localhost:1234/v1", { dialects: ALL_DIALECTS }),
  // github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
  compatible("llama.cpp", "http://localhost:8080/v1", { dialects: ALL_DIALECTS }),
];

/** The preset of this name; undefined for an unknown one. */
export const findPreset = (name: string): ProviderPreset | undefined =>
  PROVIDER_PRESETS.find((preset) => preset.name === name);

/** What has to be filled in before a base URL can be used: `{account_id}`. */
export const placeholdersIn = (baseUrl: string): readonly string[] => baseUrl.match(/\{\w+\}/g) ?? [];

import { plainName } from "./plain-name";
import { HEADER_NAMES, ROUTING_NAMES } from "./routing-names";

/**
 * What a request may not have, since it would be generated, read or billed beyond what is held, or would share
 * state between tenants. One table for all dialects; the names are those of the providers' documentation.
 */
export type UnsupportedField = {
  why: string;
  /** The values that ask for no more than what is held. `modalities`: text, and audio where the dialect prices it. */
  allows: "nothing" | "one" | "default_tier" | "modalities" | "short_cache" | "priced_cache";
};

const SHARED = "tenants share the provider's credentials, so nothing may be stored there or read from there.";
const APART = "it is billed separately from tokens.";
const ROUTED = "Tollgate chooses the model and the provider, since each has its own price.";
const MORE_ANSWERS = "it makes more answers than are paid for. Use n where the endpoint has it.";
const MORE_OUTPUT = "it lets the answer exceed its output bound.";
const LEFT_OUT = "it leaves out fields, and the output bound may be one of them.";
const HEADERS = "only headers that Tollgate passes go upstream, since some change the price.";
const RESENT = "every attempt is billed, and Tollgate itself tries again.";
const CUT_SHORT = "a provider bills on after a proxy's time limit. Tollgate ends requests at its own.";
const MORE_INPUT = "it changes how much the model reads, which must be known before the request is sent.";
const OUTSIDE = "what the model reads belongs in the messages, where it is counted.";
const TIER = "only the default tier has a price. Omit it.";
const LONG_CACHE = "only a cache of five minutes has a price. Omit its ttl.";
const OTHER_CACHE = "only the modes implicit and explicit, and a ttl of 30m, have a price.";

/** OpenAI's mark of what is to be in its cache, in a part, an item or a tool. */
export const CACHE_BREAKPOINT = "prompt_cache_breakpoint";
const NOT_TEXT = "only text, and audio where the endpoint has it, has a price.";

const TABLE: readonly { why: string; allows?: UnsupportedField["allows"]; names: readonly string[] }[] = [
  {
    why: APART,
    names: [
      // OpenAI, xAI, OpenRouter
      "web_search_options",
      "search_parameters",
      "plugins",
      // Qwen, Zhipu, Moonshot, Venice and others
      "enable_search",
      "search_options",
      "enable_web_search",
      "enable_web_scraping",
      "enable_x_search",
      "use_search",
      "use_search_engine",
      "with_search_enhance",
      "enable_enhancement",
      "force_search_enhancement",
      "enable_deep_search",
      "web_search",
      "enable_code_interpreter",
      "code_interpreter",
      "code_execution",
      "browser_search",
      "enterprise_web_search",
      "computer_use",
      // Groq's compound systems, Cohere, Azure, Anthropic
      "search_settings",
      "compound_custom",
      // OpenAI's agents of their own, as many as the model likes
      "multi_agent",
      "connectors",
      "data_sources",
      "mcp_servers",
      "container",
      // A further step that summarizes, whose usage is not in the total (Anthropic, OpenAI)
      "context_management",
      "context_editing",
      "compaction",
      // Perplexity
      "search_context_size",
      "search_type",
      "return_images",
      "return_related_questions",
      // Together
      "safety_model",
      // Google
      "google_search",
      "google_search_retrieval",
      "google_maps",
      "url_context",
      "file_search",
      "retrieval",
      "knowledge_base_ids",
      "image_config",
      "image_generation",
    ],
  },
  {
    why: SHARED,
    names: [
      "previous_response_id",
      "conversation",
      "cached_content",
      "store",
      "background",
      "deferred",
      "file_ids",
      "vector_store_ids",
      "tool_resources",
      "assistant_id",
      "agent_id",
      "agent",
      "context_id",
      "prompt_id",
      "preset",
      "know_ids",
      "character_slug",
    ],
  },
  { why: ROUTED, names: ROUTING_NAMES },
  {
    why: MORE_ANSWERS,
    allows: "one",
    names: [
      "best_of",
      "num_return_sequences",
      "candidate_count",
      "num_generations",
      "num_completions",
      "n_completions",
      "n_cmpl",
      "num_choices",
      "n_choices",
      "num_samples",
      "num_outputs",
      "sample_count",
      "num_beams",
      "beam_width",
      "beam_size",
      "use_beam_search",
    ],
  },
  { why: MORE_OUTPUT, names: ["auto_max_new_tokens", "auto_continue"] },
  // LiteLLM leaves out what is listed, and sends again what its own time limit cut short.
  { why: LEFT_OUT, names: ["additional_drop_params", "drop_params"] },
  { why: HEADERS, names: HEADER_NAMES },
  {
    why: RESENT,
    names: ["num_retries", "max_retries", "retry_policy", "model_group_retry_policy", "retry_strategy"],
  },
  // LiteLLM, orq.ai: gives up on a provider that goes on, and reports nothing of what that bills.
  {
    why: CUT_SHORT,
    names: ["timeout", "request_timeout", "stream_timeout", "call_timeout", "ttft_timeout", "mock_timeout"],
  },
  {
    why: MORE_INPUT,
    names: [
      // A template can repeat the messages
      "chat_template",
      "prompt_template",
      "template",
      // LiteLLM: texts around each message of a role
      "roles",
      "initial_prompt_value",
      "final_prompt_value",
      // vLLM and Qwen: how many tokens an image or a video is
      "mm_processor_kwargs",
      "media_io_kwargs",
      "vl_high_resolution_images",
      "min_pixels",
      "max_pixels",
      "min_dynamic_patch",
      "max_dynamic_patch",
    ],
  },
  {
    why: OUTSIDE,
    names: [
      "image_data",
      "audio_data",
      "video_data",
      "image",
      "images",
      "image_url",
      "image_urls",
      "input_image",
      "audio_url",
      "input_audio",
      "video",
      "videos",
      "video_url",
      "input_video",
      "file",
      "files",
      "file_url",
      "file_urls",
      "input_file",
      "attachments",
      "media",
    ],
  },
  {
    why: TIER,
    allows: "default_tier",
    names: ["service_tier", "speed", "performance_config", "performance_config_latency", "inference_geo"],
  },
  // Anthropic's, also through OpenRouter and LiteLLM: twice the input's price for an hour.
  { why: LONG_CACHE, allows: "short_cache", names: ["cache_control"] },
  { why: LONG_CACHE, names: ["cache_control_injection_points"] },
  { why: OTHER_CACHE, allows: "priced_cache", names: ["prompt_cache_options", CACHE_BREAKPOINT] },
  { why: NOT_TEXT, allows: "modalities", names: ["modalities", "response_modalities", "output_modalities"] },
];

const BY_PLAIN_NAME: ReadonlyMap<string, UnsupportedField> = new Map(
  TABLE.flatMap(({ why, allows = "nothing", names }) =>
    names.map((name) => [plainName(name), { why, allows }] as const),
  ),
);

/** All names with their reasons, for tests. */
export const unsupportedFieldNames: readonly string[] = TABLE.flatMap(({ names }) => names);

const SPELT: ReadonlySet<string> = new Set(unsupportedFieldNames);

/** The rule for a plain name (`plainName`); undefined for a field that is not in the table. */
export const unsupportedField = (plain: string): UnsupportedField | undefined => BY_PLAIN_NAME.get(plain);

/** The rule for a setting inside a medium of a message, where media themselves and cache marks belong. */
export function unsupportedSetting(plain: string): UnsupportedField | undefined {
  const rule = BY_PLAIN_NAME.get(plain);
  return rule?.why === OUTSIDE || rule?.allows === "short_cache" ? undefined : rule;
}

/** Whether a rule is for what chooses a model or a provider, or its price by a header. */
export const choosesRoute = ({ why }: UnsupportedField): boolean => why === ROUTED || why === HEADERS;

/** Whether the table spells a name exactly so. */
export const isUnsupportedName = (name: string): boolean => SPELT.has(name);

const DEFAULT_TIERS = new Set(["auto", "default", "standard", "standard_only", "on_demand", "global"]);
const OFF = new Set(["", "off", "none", "never", "disabled", "false"]);

/**
 * Whether a value of such a field asks for more than what is held.
 * @param isUnread whether the dialect does not read it: inside another field, or under another name
 */
export function asksForMore(value: unknown, { allows }: UnsupportedField, isUnread: boolean): boolean {
  if (value === null || value === undefined || value === false || value === 0) return false;
  if (Array.isArray(value) && value.length === 0) return false;
  switch (allows) {
    case "nothing":
      return !(typeof value === "string" && OFF.has(value.toLowerCase()));
    case "one":
      return value !== 1;
    case "default_tier":
      return !(typeof value === "string" && DEFAULT_TIERS.has(value.toLowerCase()));
    case "short_cache":
      return isLongCache(value);
    case "priced_cache":
      return !isPricedCache(value);
    case "modalities":
      return ![value].flat().every((kind) => kind === "text" || (kind === "audio" && !isUnread));
  }
}

/**
 * What OpenAI documents for its cache (developers.openai.com/api/docs/guides/prompt-caching): which writes there are, at
 * the one rate, which a hold covers in every request. A cache of twelve hours costs twice as much to write
 * (developers.openai.com/api/docs/models/gpt-6.2-sol), and a breakpoint has a ttl of its own.
 */
const CACHE_OPTIONS: ReadonlyMap<string, ReadonlySet<unknown>> = new Map([
  ["mode", new Set([null, "implicit", "explicit"])],
  ["ttl", new Set([null, "30m"])],
]);

/** Whether OpenAI's options of its cache, or a breakpoint of it, ask for no other cache than the price is for. */
export const isPricedCache = (options: unknown): boolean =>
  typeof options === "object" &&
  options !== null &&
  Object.entries(options).every(([name, value]) => CACHE_OPTIONS.get(name)?.has(value));

/** Whether a cache mark asks for a longer cache than the price is for. */
export function isLongCache(mark: unknown): boolean {
  if (typeof mark !== "object" || mark === null || !("ttl" in mark)) return false;
  return mark.ttl !== null && mark.ttl !== "5m";
}

const MISPLACED = "it belongs in the body itself, where it is read and priced.";

/** The rule for what a dialect reads in the body itself, found in an object that a server merges into it. */
export const misplacedField = (plain: string): UnsupportedField => ({
  why: MISPLACED,
  allows: plain === "n" ? "one" : "nothing",
});

/** `reasoning.mode`: GPT-5.6's "pro" bills several passes, at OpenRouter as another model. */
export const REASONING_MODE: UnsupportedField = {
  why: "only the standard mode has a price. Omit it.",
  allows: "default_tier",
};

/** Why state at the provider is not supported, and why another cache is not. */
export const sharedState = SHARED;
export const longCache = LONG_CACHE;
export const otherCache = OTHER_CACHE;

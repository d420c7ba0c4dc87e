import { isMerged, isReasoning } from "./data-fields";
import { plainName } from "./plain-name";

// What servers document besides the fields of a dialect. Whatever is not here may be a variable of a chat template,
// which can write it out at any length and any number of times.

/** Lists, objects and long texts that no server writes into a prompt. */
const VALUES = [
  // Notes, ids and marks
  "metadata",
  "labels",
  "user",
  "user_id",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_isolation_key",
  "session_id",
  "request_id",
  "trace_id",
  "rid",
  "cache_salt",
  "extra_key",
  "litellm_session_id",
  "litellm_trace_id",
  "litellm_call_id",
  "trace",
  "debug",
  "usage",
  "include",
  "stream_options",
  "safety_settings",
  "transforms",
  "audio",
  // What ends or steers the answer: strings, tokens and grammars
  "stop",
  "stop_sequences",
  "stop_words",
  "stop_regex",
  "stop_token_ids",
  "eos_token_id",
  "bad_words",
  "bad_words_ids",
  "banned_tokens",
  "banned_strings",
  "allowed_token_ids",
  "logit_bias",
  "logprob_token_ids",
  "token_ids_logprob",
  "guided_choice",
  "guided_regex",
  "guided_grammar",
  "guided_whitespace_pattern",
  "structural_tag",
  "grammar",
  "regex",
  "ebnf",
  "samplers",
  "sampler_order",
  "sampler_priority",
  "dry_sequence_breakers",
  "sequence_breakers",
  "logits_processors",
  "custom_logit_processor",
  "custom_params",
  "vllm_xargs",
  "lora",
  "lora_path",
  "lora_request",
  "response_fields",
] as const;

/** Objects of settings, each of which is judged on its own, besides those of data-fields.ts. */
const SETTINGS = [
  "output_config",
  "provider_options",
  "google",
  "vertex",
  "anthropic",
  "openai",
  "bedrock",
  "asr_options",
  "translation_options",
  "citation_options",
] as const;

/** Words and numbers that no template writes after each message. */
const SCALARS = [
  "top_k",
  "top_a",
  "min_p",
  "typical_p",
  "top_n_sigma",
  "repetition_penalty",
  "repeat_penalty",
  "repeat_last_n",
  "length_penalty",
  "min_tokens",
  "ignore_eos",
  "random_seed",
  "mirostat",
  "mirostat_tau",
  "mirostat_eta",
  "num_ctx",
  "num_thread",
  "num_gpu",
  "keep_alive",
  "think",
  "priority",
  "truncation",
  "truncate_prompt_tokens",
  "prompt_truncate_len",
  "context_length_exceeded_behavior",
  "prompt_logprobs",
  "verbosity",
  "summary",
  "effort",
  "enabled",
  "exclude",
  "type",
  "level",
  "reasoning_format",
  "reasoning_split",
  "reasoning_history",
  "response_mime_type",
  "result_format",
  "include_thoughts",
  "thinking_level",
  "thinking_budget",
] as const;

const plainNames = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(plainName));

const VALUE_NAMES = plainNames(VALUES);
const SETTINGS_NAMES = plainNames(SETTINGS);
const SCALAR_NAMES = plainNames(SCALARS);

/** By plain names (`plainName`). */
export const isKnownValue = (plain: string): boolean => VALUE_NAMES.has(plain);
export const isKnownSettings = (plain: string): boolean =>
  SETTINGS_NAMES.has(plain) || isMerged(plain) || isReasoning(plain);
export const isKnownScalar = (plain: string): boolean => SCALAR_NAMES.has(plain);

/** All names with any value, and all of settings, for tests. */
export const knownValueNames: readonly string[] = VALUES;
export const knownSettingsNames: readonly string[] = SETTINGS;

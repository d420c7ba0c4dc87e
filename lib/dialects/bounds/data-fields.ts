import { plainName } from "./plain-name";

const plainNames = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(plainName));

/** Fields whose content is data: what is named like a setting in there (a schema's property) is none. */
const DATA = plainNames([
  "messages",
  "tools",
  "functions",
  "tool_choice",
  "function_call",
  "response_format",
  "json_schema",
  "response_schema",
  "schema",
  "guided_json",
  "guided_choice",
  "guided_grammar",
  "structured_outputs",
  "grammar",
  "properties",
  "$defs",
  "definitions",
  "metadata",
  "labels",
  "stop",
  "stop_sequences",
  "logit_bias",
  "stream_options",
  "audio",
  "text",
  "user",
  "safety_settings",
  "prompt_cache_options",
  "prompt_cache_breakpoint",
]);

/** What the model reads: texts and lists, where an object would be settings again (Replicate's `input`). */
const PROMPTS = plainNames(["input", "prompt", "contents", "system", "instructions", "documents", "inputs"]);

/** Objects whose fields a server reads as if they were the body's own. */
const MERGED = plainNames([
  "extra_body",
  "extra_json",
  "extra_params",
  "model_kwargs",
  "kwargs",
  "litellm_params",
  "optional_params",
  "additional_model_request_fields",
  "parameters",
  "options",
  "sampling_params",
  "generation_config",
  "generation_kwargs",
  "inference_config",
  "completion_args",
  "nvext",
  "input",
  "openai_input",
]);

/** What a dialect reads in the body itself: in an object that is merged into it, it would be read twice. */
const BODY_ONLY = plainNames(["model", "messages", "n", "tools", "functions", "stream", "stream_options"]);

/** Reasoning settings, whose token limits bound the reasoning alone. */
const REASONING = plainNames(["reasoning", "thinking", "reasoning_config", "thinking_config"]);

/** Whether a field's value, which begins with `first`, is no settings. */
export const isData = (plain: string, first: string | undefined): boolean =>
  DATA.has(plain) || (first !== "{" && PROMPTS.has(plain));
export const isMerged = (plain: string): boolean => MERGED.has(plain);
export const isBodyOnly = (plain: string): boolean => BODY_ONLY.has(plain);
export const isReasoning = (plain: string): boolean => REASONING.has(plain);

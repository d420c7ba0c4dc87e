import type { FieldSpan } from "#lib/dialects/text/json-fields";
import { walkFields } from "#lib/dialects/text/nested-fields";
import { unsupportedAt } from "./param-of";
import { plainName } from "./plain-name";
import { isReasoningBudgetName } from "./reasoning-budgets";

// A chat template is a program, and these are its variables: with one, a client can replace what the template writes
// after every message (`eos_token`), or add tools and documents that nothing else counts.

/** What vLLM, SGLang, llama.cpp, Dynamo, LMDeploy, TabbyAPI and others call the arguments of a chat template. */
const CONTAINERS: ReadonlySet<string> = new Set(
  [
    "chat_template_kwargs",
    "chat_template_args",
    "chat_template_params",
    "chat_template_vars",
    "chat_template_variables",
    "template_kwargs",
    "template_args",
    "template_params",
    "template_vars",
    "template_variables",
    "template_context",
    "extra_template_context",
    "extra_context",
  ].map(plainName),
);

/** Arguments that choose between texts of the template, or are a word in one. */
const SWITCHES: ReadonlySet<string> = new Set([
  // Qwen 3, GLM, Hunyuan, Gemma 4, SmolLM3, Nemotron, EXAONE, Seed; DeepSeek 3.1, Granite, Kimi
  "enable_thinking",
  "thinking",
  "thinking_mode",
  "thinking_effort",
  "thinking_level",
  "reasoning",
  "enable_reasoning",
  "reasoning_effort",
  "reasoning_mode",
  "low_effort",
  "medium_effort",
  "deliberation",
  "skip_thinking",
  "skip_think",
  "interleaved_thinking",
  // What stays of earlier reasoning
  "preserve_thinking",
  "preserve_reasoning",
  "clear_thinking",
  "drop_thinking",
  "keep_thinking",
  "keep_past_thinking",
  "strip_thinking",
  "truncate_history_thinking",
  "add_thoughts",
  // Qwen's numbers before pictures and films
  "add_vision_id",
  // Llama, Command, Granite
  "tools_in_user_message",
  "full_function_description",
  "enable_citations",
  "citation_mode",
  "grounding",
  "safety_mode",
  "skip_preamble",
  "add_generation_prompt",
  "continue_final_message",
  "add_special_tokens",
]);

/** Arguments that are a date. */
const DATES: ReadonlySet<string> = new Set(["date_string", "date", "current_date", "today"]);

const SWITCH_VALUE = /^(?:null|true|false|-?\d{1,8}(?:\.\d{1,4})?|"[\w-]{0,16}")$/;
const DATE_VALUE = /^(?:null|"[\w ,./:-]{0,32}")$/;

/** Whether a plain name (`plainName`) is one for the arguments of a chat template. */
export const isTemplateArguments = (plain: string): boolean => CONTAINERS.has(plain);

/** Whether a template may be given an argument of this name. */
export const isTemplateSwitch = (name: string): boolean =>
  SWITCHES.has(name) || isReasoningBudgetName(name) || DATES.has(name);

/**
 * Judges the arguments of a chat template.
 * @param path where they are; the same again afterwards
 * @throws ApiError unsupported_parameter for any but the switches above with a short value: what a template does with
 * others has no bound
 */
export function judgeTemplateArguments(json: string, span: FieldSpan, path: string[]): void {
  if (json.slice(span.start, span.start + 4) === "null") return;
  if (json[span.start] !== "{")
    throw unsupportedAt(path, "it must be an object with switches such as enable_thinking.");
  walkFields(json, span.start, path, {
    enters: () => false,
    visit: (inner, { start, end }) => {
      judgeArgument(inner, json.slice(start, Math.min(end, start + 100)));
      return false;
    },
    cuts: [],
  });
}

function judgeArgument(path: readonly string[], value: string): void {
  const name = path.at(-1) ?? "";
  if (!isTemplateSwitch(name)) {
    throw unsupportedAt(
      path,
      "the template may write it any number of times. Send texts, tools and documents in the fields of the body, and a template only switches such as enable_thinking.",
    );
  }
  const isDate = DATES.has(name);
  if ((isDate ? DATE_VALUE : SWITCH_VALUE).test(value)) return;
  throw unsupportedAt(
    path,
    isDate
      ? "a template's date must be a text of at most 32 characters."
      : "a template's switch must be a boolean, a number of at most 8 digits or a word of at most 16 letters.",
  );
}

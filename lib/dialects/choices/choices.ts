import { isSomething } from "#lib/dialects/errors/plain-fields";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** Fields of a choice's message that say nothing to the client. */
const SILENT = new Set(["role", "type", "index", "content_filter_results"]);

/** The choices of a whole answer or a chunk. */
export function choicesOf(body: unknown): readonly unknown[] {
  return isObject(body) && Array.isArray(body.choices) ? body.choices : [];
}

/**
 * Whether a choice has content, or says why there is none. A role, an empty text and a filter's results are
 * nothing.
 */
export function isAnswer(choice: unknown): boolean {
  if (!isObject(choice)) return false;
  if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") return true;
  return hasContent(choice);
}

/** Whether a choice has text, a call, an image or sound. */
export function hasContent(choice: unknown): boolean {
  return isObject(choice) && (speaks(choice.delta) || speaks(choice.message) || speaks(choice.text));
}

function speaks(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  if (Array.isArray(value)) return value.some(speaks);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, field]) => !SILENT.has(name) && speaks(field));
}

/** Reasons to end an answer that are failures: of OpenRouter and vLLM, Zhipu, DeepSeek, SGLang. */
const FAILURES = new Set(["error", "network_error", "insufficient_system_resource", "abort"]);

/**
 * The error that a provider reports in a place of its own: in a choice, as OpenRouter does, by a reason to end, or
 * beside them, as Groq does.
 * @returns null without one
 */
export function errorBesides(body: unknown): JsonObject | null {
  const groq = isObject(body) ? body.x_groq : null;
  if (isObject(groq) && isSomething(groq.error)) {
    const { error } = groq;
    return { error: typeof error === "string" ? { message: error, code: error } : error };
  }
  return errorInChoices(choicesOf(body));
}

function errorInChoices(choices: readonly unknown[]): JsonObject | null {
  for (const choice of choices) {
    if (!isObject(choice)) continue;
    const { error } = choice;
    if (isSomething(error)) return { error };
    const { finish_reason: reason } = choice;
    if (typeof reason === "string" && FAILURES.has(reason)) return { error: { code: "upstream_error" } };
  }
  return null;
}

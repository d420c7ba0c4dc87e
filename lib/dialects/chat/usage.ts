import type { Usage } from "#lib/credit/prices/price";
import { isObject } from "#lib/dialects/text/json-fields";

/** The usage of a whole answer or a chunk, where providers put it; null without a plausible one. */
export function usageIn(body: unknown): Usage | null {
  if (!isObject(body)) return null;
  // Moonshot puts it in the choice, Groq in a field of its own.
  const [choice] = Array.isArray(body.choices) ? body.choices : [];
  const groq = isObject(body.x_groq) ? body.x_groq.usage : null;
  return readUsage(body.usage) ?? readUsage(isObject(choice) ? choice.usage : null) ?? readUsage(groq);
}

/**
 * Reads the `usage` object of the OpenAI dialect. Without a schema, since every request reads one.
 * @returns null if it is missing or not a plausible count, so that an estimate replaces it
 */
export function readUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const input = isObject(value.prompt_tokens_details) ? value.prompt_tokens_details : {};
  const output = isObject(value.completion_tokens_details) ? value.completion_tokens_details : {};
  const promptTokens = count(value.prompt_tokens);
  const completionTokens = count(value.completion_tokens);
  const reasoningTokens = count(output.reasoning_tokens);
  // xAI's completion_tokens exclude reasoning; its total shows that.
  const excluded =
    reasoningTokens > 0 &&
    (count(value.total_tokens) === promptTokens + completionTokens + reasoningTokens ||
      reasoningTokens > completionTokens);
  const usage = {
    inputTokens: promptTokens,
    // DeepSeek has its own name for cached tokens.
    cachedTokens: count(input.cached_tokens) || count(value.prompt_cache_hit_tokens),
    cacheWriteTokens: count(input.cache_write_tokens),
    outputTokens: completionTokens + (excluded ? reasoningTokens : 0),
    reasoningTokens,
    inputAudioTokens: count(input.audio_tokens),
    outputAudioTokens: count(output.audio_tokens),
  };
  const plausible = Object.values(usage).every(Number.isSafeInteger);
  return plausible && usage.inputTokens + usage.outputTokens > 0 ? usage : null;
}

/** A count of tokens; 0 if it is missing, NaN if it is not a count. */
function count(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return typeof value === "number" && value >= 0 ? value : Number.NaN;
}

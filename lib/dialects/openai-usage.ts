import { isObject } from "#lib/dialects/text/json-fields";
import { laterUsage, type ReportedUsage, tokenCount, usageOfCounts } from "#lib/dialects/usage";

const NONE: Readonly<Record<string, unknown>> = {};

/** The usage of a whole answer or a chunk, wherever providers put it; null without a plausible one. */
export function usageIn(body: unknown): ReportedUsage | null {
  if (!isObject(body)) return null;
  // Moonshot puts it in the choice, Groq in a field of its own.
  const { x_groq: groq } = body;
  let usage = laterUsage(readUsage(body.usage), isObject(groq) ? readUsage(groq.usage) : null);
  const choices: readonly unknown[] = Array.isArray(body.choices) ? body.choices : [];
  for (const choice of choices) {
    if (isObject(choice)) usage = laterUsage(usage, readUsage(choice.usage));
  }
  return usage;
}

/**
 * Reads the `usage` object of the OpenAI dialect. Without a schema, since every request reads one.
 * @returns null if it has no plausible count of input, output or both, so that an estimate replaces it
 */
export function readUsage(value: unknown): ReportedUsage | null {
  if (!isObject(value)) return null;
  const input = isObject(value.prompt_tokens_details) ? value.prompt_tokens_details : NONE;
  const output = isObject(value.completion_tokens_details) ? value.completion_tokens_details : NONE;
  const { cache_creation_token_details: written } = input;
  return usageOfCounts({
    input: tokenCount(value.prompt_tokens ?? value.input_tokens),
    output: tokenCount(value.completion_tokens ?? value.output_tokens),
    total: tokenCount(value.total_tokens),
    // DeepSeek, Moonshot and LiteLLM have names of their own for cached tokens.
    cached:
      tokenCount(input.cached_tokens) ||
      tokenCount(value.prompt_cache_hit_tokens) ||
      tokenCount(value.cached_tokens) ||
      tokenCount(value.cache_read_input_tokens),
    cacheWrite:
      tokenCount(input.cache_write_tokens) ||
      tokenCount(input.cache_creation_tokens) ||
      tokenCount(value.cache_creation_input_tokens),
    // LiteLLM passes on what Anthropic counts apart.
    cacheWrite1h: isObject(written) ? tokenCount(written.ephemeral_1h_input_tokens) : null,
    reasoning: tokenCount(output.reasoning_tokens) || tokenCount(value.reasoning_tokens),
    inputAudio: tokenCount(input.audio_tokens),
    inputImage: tokenCount(input.image_tokens),
    inputVideo: tokenCount(input.video_tokens),
    outputAudio: tokenCount(output.audio_tokens),
    outputImage: tokenCount(output.image_tokens),
  });
}

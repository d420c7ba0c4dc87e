import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import {
  laterUsage,
  outputOf,
  type ReportedUsage,
  sumOfAnswers,
  tokenCount,
  usageOfCounts,
  withWebSearches,
} from "#lib/dialects/usage";

const NONE: Readonly<Record<string, unknown>> = {};

/** What a provider reports of one of several answers. */
export type AnswerUsage = { index: number; usage: ReportedUsage };

/** The usage of a whole answer or a chunk, wherever providers put it; null without a plausible one. */
export function usageIn(body: unknown): ReportedUsage | null {
  if (!isObject(body)) return null;
  const beside = withSearches(besideChoices(body), body);
  const ofAnswers = inChoices(body).map(({ usage }) => usage);
  const isOfAll = beside !== null && ofAnswers.every((usage) => outputOf(usage) <= outputOf(beside));
  return laterUsage(beside, isOfAll ? ofAnswers.reduce(laterUsage, null) : sumOfAnswers(ofAnswers));
}

/**
 * What a chunk reports of single answers, if the client asked for several: in a choice, or beside the only one (vLLM's
 * `continuous_usage_stats`).
 * @returns none where it reports a usage of all answers, or nothing
 */
export function usageOfAnswers(chunk: JsonObject): readonly AnswerUsage[] {
  const ofAnswers = inChoices(chunk);
  const beside = besideChoices(chunk);
  if (beside === null) return ofAnswers;
  const [only, ...others] = choicesOf(chunk);
  return only === undefined || others.length > 0
    ? []
    : [...ofAnswers, { index: indexOf(only), usage: beside }];
}

/** OpenAI counts the calls of its tools beside the usage of a response; else those that it shows count. */
function withSearches(
  usage: ReportedUsage | null,
  { tool_usage: tools, output }: JsonObject,
): ReportedUsage | null {
  if (usage === null || !Array.isArray(output)) return usage;
  const reported = isObject(tools) && isObject(tools.web_search) ? tools.web_search.num_requests : null;
  return withWebSearches(usage, tokenCount(reported) ?? searchesIn(output));
}

/** Searches among the items of a response: a page that is opened is none. */
export const searchesIn = (items: readonly unknown[]): number =>
  items.filter(
    (item) =>
      isObject(item) &&
      item.type === "web_search_call" &&
      (!isObject(item.action) || item.action.type === "search"),
  ).length;

/** Groq puts it in a field of its own. */
function besideChoices({ usage, x_groq: groq }: JsonObject): ReportedUsage | null {
  return laterUsage(readUsage(usage), isObject(groq) ? readUsage(groq.usage) : null);
}

/** Moonshot puts that of each answer in its choice. */
const inChoices = (body: JsonObject): readonly AnswerUsage[] =>
  choicesOf(body).flatMap((choice) => {
    const usage = isObject(choice) ? readUsage(choice.usage) : null;
    return usage === null ? [] : [{ index: indexOf(choice), usage }];
  });

const choicesOf = ({ choices }: JsonObject): readonly unknown[] => (Array.isArray(choices) ? choices : []);

const indexOf = (choice: unknown): number =>
  isObject(choice) && typeof choice.index === "number" ? choice.index : 0;

/**
 * Reads the `usage` object of OpenAI's dialects. Without a schema, since every request reads one.
 * @returns null if it has no plausible count of input, output or both, so that an estimate replaces it
 */
export function readUsage(value: unknown): ReportedUsage | null {
  if (!isObject(value)) return null;
  const input = detailsOf(value.prompt_tokens_details ?? value.input_tokens_details);
  const output = detailsOf(value.completion_tokens_details ?? value.output_tokens_details);
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
    webSearches: reportedSearches(value),
  });
}

/** OpenRouter counts searches as Anthropic does; Perplexity and xAI have names of their own. */
function reportedSearches({
  server_tool_use: tools,
  server_side_tool_usage_details: details,
  num_search_queries: queries,
}: JsonObject): number | null {
  return (
    (isObject(tools) ? tokenCount(tools.web_search_requests) : null) ??
    (isObject(details) ? tokenCount(details.web_search_calls) : null) ??
    tokenCount(queries)
  );
}

const detailsOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : NONE);

import { THINKING_BUDGET } from "#lib/dialects/bounds/reasoning-settings";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Bounds, Encoded, EncodeOptions, Turn } from "#lib/translation/turn";
import { effortOf } from "#lib/translation/wires/effort";
import { encodedWith, type Notes, plainValue } from "#lib/translation/wires/notes";
import {
  cacheKeyOf,
  MOST_OF_USER,
  namedSchema,
  openAiEncoding,
  openAiTools,
  type ToolShapes,
} from "#lib/translation/wires/openai-fields";
import type { OpenAiTraits } from "#lib/translation/wires/openai-models";
import { userId } from "#lib/translation/wires/user-id";
import { chatMessages } from "./messages";

/** developers.openai.com/api/reference/resources/chat */
const MOST_STOPS = 4;

/** A function says in itself whether it is strict. */
const SHAPES: ToolShapes = {
  tool: (named, strict) => ({ function: { ...named, ...(strict === null ? {} : { strict }) } }),
  chosen: (name) => ({ function: { name } }),
};

/** Some servers have no name for a bound. */
export const namedBound = ({ maxTokens, outputLimitField }: Bounds): number | null =>
  outputLimitField === null ? null : maxTokens;

/** A request for a chat completion. Its output bound counts the reasoning, as the hold does. */
export function encodeChat(turn: Turn, options: EncodeOptions): Encoded {
  const { notes, traits, names } = openAiEncoding(turn, options);
  const { outputLimitField, reasoningLimitTokens, stream } = options;
  return encodedWith(notes, names, {
    model: options.upstreamModel,
    messages: chatMessages(turn, names, notes, traits, options.accepts),
    ...(outputLimitField === null ? {} : { [outputLimitField]: namedBound(options) ?? undefined }),
    ...openAiTools(turn, SHAPES, names),
    ...samplingFields(turn, traits, notes),
    ...formatField(turn),
    reasoning_effort: effortOf(turn.reasoning, traits, notes),
    ...(reasoningLimitTokens === null ? {} : { [THINKING_BUDGET]: reasoningLimitTokens }),
    ...openAiFields(turn, traits, notes),
    user: userId(turn.user, MOST_OF_USER),
    stream: stream || undefined,
    ...(stream && options.streamUsage ? { stream_options: { include_usage: true } } : {}),
  });
}

function samplingFields(turn: Turn, { hasSampling, isOpenAi }: OpenAiTraits, notes: Notes): JsonObject {
  const { stop, temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = turn;
  notes.drop(topK);
  if (!hasSampling) {
    if (stop !== null) notes.refuse(stop, "the model takes no stop sequences");
    for (const given of [temperature, topP, frequencyPenalty, presencePenalty]) notes.drop(given);
    return { seed: isOpenAi ? plainValue(seed) : undefined };
  }
  const isTooMany = stop !== null && stop.value.length > MOST_STOPS;
  if (isTooMany) notes.refuse(stop, "at most four stop sequences are supported");
  return {
    stop: isTooMany ? undefined : plainValue(stop),
    temperature: plainValue(temperature),
    top_p: plainValue(topP),
    seed: plainValue(seed),
    frequency_penalty: plainValue(frequencyPenalty),
    presence_penalty: plainValue(presencePenalty),
  };
}

function formatField({ format }: Turn): JsonObject {
  if (format === null) return {};
  if (format.value.kind === "json") return { response_format: { type: "json_object" } };
  return { response_format: { type: "json_schema", json_schema: namedSchema(format.value) } };
}

/** What only OpenAI's models know. */
function openAiFields(turn: Turn, { isOpenAi, hasSampling }: OpenAiTraits, notes: Notes): JsonObject {
  const { verbosity, cacheKey } = turn;
  if (!isOpenAi || hasSampling) notes.drop(verbosity);
  if (!isOpenAi) notes.drop(cacheKey);
  return {
    verbosity: isOpenAi && !hasSampling ? plainValue(verbosity) : undefined,
    prompt_cache_key: isOpenAi ? cacheKeyOf(turn) : undefined,
  };
}

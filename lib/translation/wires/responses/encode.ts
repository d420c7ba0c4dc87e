import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { AnswerFormat, Encoded, EncodeOptions, Turn } from "#lib/translation/turn";
import { effortOf } from "#lib/translation/wires/effort";
import { dropPenalties, encodedWith, type Notes, plainValue } from "#lib/translation/wires/notes";
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
import { itemsOf } from "./items";

/** developers.openai.com/api/reference/resources/responses: lower bounds are refused. */
const LEAST_BOUND = 16;

/** Strict where nothing is said, in this dialect alone. */
const SHAPES: ToolShapes = {
  tool: (named, strict) => ({ ...named, strict: strict ?? false }),
  chosen: (name) => ({ name }),
};

/** A request for a response that is not stored. Its output bound counts the reasoning, as the hold does. */
export function encodeResponses(turn: Turn, options: EncodeOptions): Encoded {
  const { notes, traits, names } = openAiEncoding(turn, options);
  const { maxTokens } = options;
  if (turn.maxTokens !== null && turn.maxTokens.value < LEAST_BOUND)
    notes.refuse(turn.maxTokens, `the least output bound is ${LEAST_BOUND} tokens`);
  return encodedWith(notes, names, {
    model: options.upstreamModel,
    input: itemsOf(turn, { options, names, notes }),
    store: false,
    max_output_tokens: maxTokens ?? undefined,
    ...openAiTools(turn, SHAPES, names),
    ...samplingFields(turn, traits, notes),
    ...reasoningFields(turn, traits, notes),
    ...textField(turn, traits, notes),
    safety_identifier: userId(turn.user, MOST_OF_USER),
    prompt_cache_key: cacheKeyOf(turn),
    stream: options.stream || undefined,
  });
}

function samplingFields(turn: Turn, { hasSampling }: OpenAiTraits, notes: Notes): JsonObject {
  const { stop, temperature, topP, topK, seed } = turn;
  notes.refuse(stop, "stop sequences are not supported");
  for (const given of [topK, seed]) notes.drop(given);
  dropPenalties(turn, notes);
  if (hasSampling) return { temperature: plainValue(temperature), top_p: plainValue(topP) };
  for (const given of [temperature, topP]) notes.drop(given);
  return {};
}

/** The reasoning comes back encrypted, since nothing is kept. */
function reasoningFields({ reasoning }: Turn, traits: OpenAiTraits, notes: Notes): JsonObject {
  const effort = effortOf(reasoning, traits, notes);
  if (!traits.hasEffort) return {};
  const summary = reasoning.isShown && effort !== "none" ? "auto" : undefined;
  return {
    ...(effort === undefined && summary === undefined ? {} : { reasoning: { effort, summary } }),
    ...(traits.isOpenAi ? { include: ["reasoning.encrypted_content"] } : {}),
  };
}

function textField(
  { format, verbosity }: Turn,
  { isOpenAi, hasSampling }: OpenAiTraits,
  notes: Notes,
): JsonObject {
  const isVerbose = isOpenAi && !hasSampling;
  if (!isVerbose) notes.drop(verbosity);
  const text = {
    ...(format === null ? {} : { format: formatOf(format.value) }),
    ...(isVerbose && verbosity !== null ? { verbosity: verbosity.value } : {}),
  };
  return Object.keys(text).length === 0 ? {} : { text };
}

const formatOf = (format: AnswerFormat): JsonObject =>
  format.kind === "json" ? { type: "json_object" } : { type: "json_schema", ...namedSchema(format) };

import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { AnswerFormat, Encoded, EncodeOptions, Tool, Turn } from "#lib/translation/turn";
import { effortOf } from "#lib/translation/wires/effort";
import { dropMarks, encodedWith, type Notes, notesOn, plainValue } from "#lib/translation/wires/notes";
import {
  cacheKeyOf,
  functionOf,
  MOST_OF_USER,
  namedSchema,
  openAiTools,
  PLAIN_NAME,
} from "#lib/translation/wires/openai-fields";
import { type OpenAiTraits, openAiTraits } from "#lib/translation/wires/openai-models";
import { namesIn, type ToolNames, toolNames } from "#lib/translation/wires/tool-names";
import { userId } from "#lib/translation/wires/user-id";
import { itemsOf } from "./items";

/** developers.openai.com/api/reference/resources/responses: lower bounds are refused. */
const LEAST_BOUND = 16;

/** A request for a response that is not stored. Its output bound counts the reasoning, as the hold does. */
export function encodeResponses(turn: Turn, options: EncodeOptions): Encoded {
  const notes = notesOn(turn);
  dropMarks(turn, notes);
  const traits = openAiTraits(options.upstreamModel);
  const names = toolNames(namesIn(turn), PLAIN_NAME);
  const { maxTokens } = options;
  if (turn.maxTokens !== null && turn.maxTokens.value < LEAST_BOUND)
    notes.refuse(turn.maxTokens, `the least output bound is ${LEAST_BOUND} tokens`);
  const body: JsonObject = {
    model: options.upstreamModel,
    input: itemsOf(turn, { options, names, notes }),
    store: false,
    max_output_tokens: maxTokens ?? undefined,
    ...openAiTools(turn, shapedBy(names), names),
    ...samplingFields(turn, traits, notes),
    ...reasoningFields(turn, traits, notes),
    ...textField(turn, traits, notes),
    safety_identifier: userId(turn.user, MOST_OF_USER),
    prompt_cache_key: cacheKeyOf(turn),
    ...(options.stream ? { stream: true } : {}),
  };
  return encodedWith(body, notes, names);
}

/** Strict where nothing is said, in this dialect alone. */
const shapedBy = (names: ToolNames) => ({
  tool: (tool: Tool): JsonObject => ({
    type: "function",
    ...functionOf(tool, names),
    strict: tool.strict ?? false,
  }),
  chosen: (name: string): JsonObject => ({ type: "function", name }),
});

function samplingFields(turn: Turn, { hasSampling }: OpenAiTraits, notes: Notes): JsonObject {
  const { stop, temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = turn;
  notes.refuse(stop, "stop sequences are not supported");
  for (const given of [topK, seed]) notes.drop(given);
  for (const penalty of [frequencyPenalty, presencePenalty]) if (penalty?.value) notes.drop(penalty);
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

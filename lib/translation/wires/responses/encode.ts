import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Encoded, EncodeOptions, Tool, Turn } from "#lib/translation/turn";
import { effortOf } from "#lib/translation/wires/effort";
import { asFunction } from "#lib/translation/wires/function-tools";
import { dropCacheMarks, type Notes, notesOn, plainValue } from "#lib/translation/wires/notes";
import { type OpenAiTraits, openAiTraits } from "#lib/translation/wires/openai-models";
import { namesIn, type ToolNames, toolNames } from "#lib/translation/wires/tool-names";
import { userId } from "#lib/translation/wires/user-id";
import { itemsOf } from "./items";

const NAME = {
  most: 64,
  unsafe: /[^A-Za-z0-9_-]/g,
  isAllowed: (name: string) => /^[A-Za-z0-9_-]{1,64}$/.test(name),
};
const NO_ARGUMENTS: JsonObject = { type: "object", properties: {} };
/** developers.openai.com/api/reference/resources/responses: lower bounds are refused. */
const LEAST_BOUND = 16;
const MOST_OF_USER = 64;

/** A request for a response that is not stored. Its output bound counts the reasoning, as the hold does. */
export function encodeResponses(turn: Turn, options: EncodeOptions): Encoded {
  const notes = notesOn(turn);
  dropCacheMarks(turn, notes);
  const traits = openAiTraits(options.upstreamModel);
  const names = toolNames(namesIn(turn), NAME);
  const { maxTokens } = options;
  if (turn.maxTokens !== null && turn.maxTokens < LEAST_BOUND)
    notes.refuse({ at: "max_tokens" }, `the least output bound is ${LEAST_BOUND} tokens`);
  const body: JsonObject = {
    model: options.upstreamModel,
    input: itemsOf(turn, options, names, notes),
    store: false,
    max_output_tokens: maxTokens ?? undefined,
    ...toolFields(turn, names),
    ...samplingFields(turn, traits, notes),
    ...reasoningFields(turn, traits, notes),
    ...textField(turn, traits, notes),
    safety_identifier: userId(turn.user, MOST_OF_USER),
    prompt_cache_key: plainValue(turn.cacheKey),
    ...(options.stream ? { stream: true } : {}),
  };
  return { body, dropped: notes.dropped, refused: notes.refused, toolNames: names.renamed };
}

function toolFields({ tools, toolChoice, parallelCalls }: Turn, names: ToolNames): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: tools.map((tool) => toolOf(tool, names)),
    tool_choice: toolChoice === null ? undefined : choiceOf(toolChoice.value, names),
    parallel_tool_calls: plainValue(parallelCalls),
  };
}

/** Strict where nothing is said, in this dialect alone. */
function toolOf(tool: Tool, names: ToolNames): JsonObject {
  const { description, schema } = asFunction(tool);
  return {
    type: "function",
    name: names.sent(tool.name),
    description,
    parameters: schema ?? NO_ARGUMENTS,
    strict: tool.strict ?? false,
  };
}

function choiceOf(choice: NonNullable<Turn["toolChoice"]>["value"], names: ToolNames): unknown {
  switch (choice.kind) {
    case "any":
      return "required";
    case "tool":
      return { type: "function", name: names.sent(choice.name) };
    default:
      return choice.kind;
  }
}

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

function formatOf(format: NonNullable<Turn["format"]>["value"]): JsonObject {
  if (format.kind === "json") return { type: "json_object" };
  const { name, description, schema, strict } = format;
  return {
    type: "json_schema",
    name,
    ...(description === null ? {} : { description }),
    schema,
    ...(strict === null ? {} : { strict }),
  };
}

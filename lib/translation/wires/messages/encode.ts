import { lacksThinking, OWN_KINDS } from "#lib/dialects/messages/begun-turn";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import {
  asksToReason,
  type Bounds,
  type Encoded,
  type EncodeOptions,
  type Tool,
  type Turn,
} from "#lib/translation/turn";
import { boundSchema, closedSchema, describedSchema } from "#lib/translation/wires/closed-schema";
import { asFunction, objectSchema, strictField } from "#lib/translation/wires/function-tools";
import {
  atMost,
  dropDetails,
  dropPenalties,
  encodedWith,
  type Notes,
  notesOn,
  plainValue,
} from "#lib/translation/wires/notes";
import { PLAIN_NAME } from "#lib/translation/wires/openai-fields";
import { namesIn, type ToolNames, toolNames } from "#lib/translation/wires/tool-names";
import { userId } from "#lib/translation/wires/user-id";
import { withCalledTools } from "./called-tools";
import { conversationOf, withCacheMark } from "./content";
import { type ClaudeTraits, claudeTraits } from "./models";
import { isForced, type Thinking, thinkingOf } from "./thinking";

/** What the API takes; OpenAI's go up to 2. */
const MOST_TEMPERATURE = 1;
const MOST_OF_USER = 256;

/** The API requires a bound. */
export const requiredBound = ({ maxTokens, defaultMaxTokens }: Bounds): number =>
  maxTokens ?? defaultMaxTokens;

/** A request for a message. Its output bound counts the thoughts, as the hold does. */
export function encodeMessages(given: Turn, options: EncodeOptions): Encoded {
  const turn = withCalledTools(given);
  const notes = notesOn(turn);
  dropDetails(turn, notes);
  const traits = claudeTraits(options.upstreamModel);
  const maxTokens = requiredBound(options);
  const names = toolNames(namesIn(turn), PLAIN_NAME);
  const { system, messages } = conversationOf(turn, { options, names, notes });
  const canThink = () => !lacksThinking(messages, OWN_KINDS);
  const thinking = thinkingOf(turn, traits, { maxTokens, canThink }, notes);
  for (const offer of [turn.verbosity, turn.cacheKey, turn.seed]) notes.drop(offer);
  dropPenalties(turn, notes);
  const { tools, tool_choice: toolChoice } = toolFields(turn, names, traits, notes);
  const { temperature, topP, topK } = samplingOf(turn, traits, thinking, notes);
  return encodedWith(notes, names, {
    model: options.upstreamModel,
    max_tokens: maxTokens,
    messages,
    system: system.length === 0 ? undefined : system,
    tools,
    tool_choice: toolChoice,
    temperature,
    top_p: topP,
    top_k: topK,
    thinking: thinking.field,
    output_config: outputConfig(turn, traits, thinking, notes),
    stop_sequences: plainValue(turn.stop),
    metadata: turn.user === null ? undefined : { user_id: userId(turn.user, MOST_OF_USER) },
    stream: options.stream || undefined,
  });
}

/** Only thinking depends on the bound besides. */
export const reboundMessages = (body: JsonObject, turn: Turn, bounds: Bounds): JsonObject | null =>
  asksToReason(turn) ? null : { ...body, max_tokens: requiredBound(bounds) };

const NO_TOOLS: JsonObject = {};

function toolFields(turn: Turn, names: ToolNames, traits: ClaudeTraits, notes: Notes): JsonObject {
  if (turn.tools.length === 0) return NO_TOOLS;
  if (isForced(turn) && !traits.canBeForced)
    notes.refuse(turn.toolChoice, "the model cannot be made to use a tool");
  const choice = choiceOf(turn, names);
  return {
    tools: turn.tools.map((tool) => toolOf(tool, names, traits, notes)),
    tool_choice: choice ?? undefined,
  };
}

function toolOf(tool: Tool, names: ToolNames, { hasSchemas }: ClaudeTraits, notes: Notes): JsonObject {
  const { schema, ...named } = asFunction(tool, names);
  const sent = {
    ...named,
    input_schema: boundSchema(objectSchema(schema), tool, hasSchemas),
    ...strictField(tool, hasSchemas, notes),
  };
  return withCacheMark(sent, tool.cache);
}

/** How a tool is to be chosen, and whether only one; null for the default. */
export function choiceOf({ toolChoice, parallelCalls }: Turn, names: ToolNames): JsonObject | null {
  const choice = toolChoice?.value ?? { kind: "auto" };
  const alone = parallelCalls?.value === false && choice.kind !== "none";
  if (toolChoice === null && !alone) return null;
  return {
    type: choice.kind,
    ...(choice.kind === "tool" ? { name: names.sent(choice.name) } : {}),
    ...(alone ? { disable_parallel_tool_use: true } : {}),
  };
}

type Sampling = Partial<Record<"temperature" | "topP" | "topK", number | undefined>>;

/** With thinking, the sampling is the model's own. */
function samplingOf(turn: Turn, traits: ClaudeTraits, { field }: Thinking, notes: Notes): Sampling {
  const { temperature, topP, topK } = turn;
  if (traits.sampling === "none" || field !== undefined) {
    for (const given of [temperature, topP, topK]) notes.drop(given);
    return {};
  }
  const isOnlyOne = traits.sampling === "one" && temperature !== null;
  if (isOnlyOne) notes.drop(topP);
  return {
    temperature: atMost(temperature, MOST_TEMPERATURE, notes),
    topP: isOnlyOne ? undefined : plainValue(topP),
    topK: plainValue(topK),
  };
}

function outputConfig(
  { format }: Turn,
  traits: ClaudeTraits,
  { effort }: Thinking,
  notes: Notes,
): JsonObject | undefined {
  const schema =
    format?.value.kind === "schema" && traits.hasSchemas
      ? closedSchema(describedSchema(format.value))
      : undefined;
  if (format !== null && schema === undefined)
    notes.refuse(format, "this form of an answer is not supported by the model");
  if (schema === undefined && effort === undefined) return undefined;
  return { effort, format: schema === undefined ? undefined : { type: "json_schema", schema } };
}

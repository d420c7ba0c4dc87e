import { lacksThinking, OWN_KINDS } from "#lib/dialects/messages/begun-turn";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Bounds, Encoded, EncodeOptions, Tool, Turn } from "#lib/translation/turn";
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
import { cacheControl, conversationOf } from "./content";
import { type ClaudeTraits, claudeTraits } from "./models";
import { isForced, type Thinking, thinkingOf } from "./thinking";

/** What the API takes; OpenAI's go up to 2. */
const MOST_TEMPERATURE = 1;
const MOST_OF_USER = 256;

/** The API requires a bound. */
export const requiredBound = ({ maxTokens, defaultMaxTokens }: Bounds): number =>
  maxTokens ?? defaultMaxTokens;

/** A request for a message. Its output bound counts the thoughts, as the hold does. */
export function encodeMessages(turn: Turn, options: EncodeOptions): Encoded {
  const notes = notesOn(turn);
  dropDetails(turn, notes);
  const traits = claudeTraits(options.upstreamModel);
  const maxTokens = requiredBound(options);
  const names = toolNames(namesIn(turn), PLAIN_NAME);
  const { system, messages } = conversationOf(turn, { options, names, notes });
  const canThink = !lacksThinking(messages, OWN_KINDS);
  const thinking = thinkingOf(turn, traits, { maxTokens, canThink }, notes);
  for (const offer of [turn.verbosity, turn.cacheKey, turn.seed]) notes.drop(offer);
  dropPenalties(turn, notes);
  return encodedWith(notes, names, {
    model: options.upstreamModel,
    max_tokens: maxTokens,
    messages,
    ...(system.length === 0 ? {} : { system }),
    ...toolFields(turn, names, traits, notes),
    ...samplingFields(turn, traits, thinking, notes),
    ...thinking.fields,
    ...outputConfig(turn, traits, thinking, notes),
    stop_sequences: plainValue(turn.stop),
    ...(turn.user === null ? {} : { metadata: { user_id: userId(turn.user, MOST_OF_USER) } }),
    stream: options.stream || undefined,
  });
}

function toolFields(turn: Turn, names: ToolNames, traits: ClaudeTraits, notes: Notes): JsonObject {
  if (turn.tools.length === 0) return {};
  if (isForced(turn) && !traits.canBeForced)
    notes.refuse(turn.toolChoice, "the model cannot be made to use a tool");
  const choice = choiceOf(turn, names);
  return {
    tools: turn.tools.map((tool) => toolOf(tool, names, traits, notes)),
    ...(choice === null ? {} : { tool_choice: choice }),
  };
}

function toolOf(tool: Tool, names: ToolNames, { hasSchemas }: ClaudeTraits, notes: Notes): JsonObject {
  const { schema, ...named } = asFunction(tool, names);
  return {
    ...named,
    input_schema: boundSchema(objectSchema(schema), tool, hasSchemas),
    ...strictField(tool, hasSchemas, notes),
    ...cacheControl(tool.cache),
  };
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

/** With thinking, the sampling is the model's own. */
function samplingFields(turn: Turn, traits: ClaudeTraits, { fields }: Thinking, notes: Notes): JsonObject {
  const { temperature, topP, topK } = turn;
  if (traits.sampling === "none" || fields.thinking !== undefined) {
    for (const given of [temperature, topP, topK]) notes.drop(given);
    return {};
  }
  const isOnlyOne = traits.sampling === "one" && temperature !== null;
  if (isOnlyOne) notes.drop(topP);
  return {
    temperature: atMost(temperature, MOST_TEMPERATURE, notes),
    top_p: isOnlyOne ? undefined : plainValue(topP),
    top_k: plainValue(topK),
  };
}

function outputConfig(
  { format }: Turn,
  traits: ClaudeTraits,
  { effort }: Thinking,
  notes: Notes,
): JsonObject {
  const schema =
    format?.value.kind === "schema" && traits.hasSchemas
      ? closedSchema(describedSchema(format.value))
      : undefined;
  if (format !== null && schema === undefined)
    notes.refuse(format, "this form of an answer is not supported by the model");
  if (schema === undefined && effort === undefined) return {};
  return {
    output_config: {
      ...(effort === undefined ? {} : { effort }),
      ...(schema === undefined ? {} : { format: { type: "json_schema", schema } }),
    },
  };
}

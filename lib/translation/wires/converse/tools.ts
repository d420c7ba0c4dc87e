import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Tool, Turn } from "#lib/translation/turn";
import { boundSchema } from "#lib/translation/wires/closed-schema";
import { asFunction, objectSchema, strictField } from "#lib/translation/wires/function-tools";
import { choiceOf as messagesChoice } from "#lib/translation/wires/messages/encode";
import type { Notes } from "#lib/translation/wires/notes";
import type { ToolNames } from "#lib/translation/wires/tool-names";
import { cachePointAfter } from "./content";
import type { ConverseTraits } from "./models";
import { ANSWER_TOOL, ANSWERS, isToolless } from "./own-words";

/**
 * The tool by which a model that cannot be bound to a schema answers by one: its arguments are the answer. Only where the
 * request has no other tools, and a tool can be forced.
 */
export function answerTool(turn: Turn, { hasSchemas, forces }: ConverseTraits): JsonObject | null {
  const format = turn.format?.value;
  if (format?.kind !== "schema" || hasSchemas || !forces.includes("tool") || turn.tools.length > 0)
    return null;
  const name = ANSWER_TOOL;
  return {
    tools: [
      {
        toolSpec: {
          name,
          description: format.description ?? ANSWERS,
          inputSchema: { json: objectSchema(format.schema) },
        },
      },
    ],
    toolChoice: { tool: { name } },
  };
}

/** The tools of a request and how they are to be chosen; undefined for none. */
export function toolConfig(
  turn: Turn,
  traits: ConverseTraits,
  names: ToolNames,
  notes: Notes,
): JsonObject | undefined {
  const { tools, parallelCalls } = turn;
  if (isToolless(turn)) {
    for (const { cache, at } of tools) if (cache !== null) notes.dropped.push(`${at}.cache_control`);
    return undefined;
  }
  // The API has no such setting.
  if (parallelCalls?.value === false && traits.claude === null) notes.drop(parallelCalls);
  const choice = choiceOf(turn, traits, names, notes);
  return {
    tools: tools.flatMap((tool) => [
      { toolSpec: specOf(tool, traits, names, notes) },
      ...cachePointAfter(tool, traits.cachePoints === "everywhere", traits, notes),
    ]),
    ...(choice === null || isClaudesOwn(turn, traits) ? {} : { toolChoice: choice }),
  };
}

/** Only Claude can be told to call one tool at a time, by a choice of its own: it may not be beside the API's. */
const isClaudesOwn = (turn: Turn, { claude }: ConverseTraits): boolean =>
  claude !== null && turn.parallelCalls?.value === false && !isToolless(turn);

/** The choice of a tool in the form of Anthropic's API, where Converse has none for it. */
export const claudesChoice = (turn: Turn, traits: ConverseTraits, names: ToolNames): JsonObject =>
  isClaudesOwn(turn, traits) ? { tool_choice: messagesChoice(turn, names) } : {};

function specOf(
  tool: Tool,
  { hasSchemas, claude }: ConverseTraits,
  names: ToolNames,
  notes: Notes,
): JsonObject {
  const { name, description, schema } = asFunction(tool, names);
  return {
    name,
    // It may not be empty.
    description: description?.trim() ? description : undefined,
    inputSchema: {
      json: boundSchema(objectSchema(schema), tool, hasSchemas && claude !== null),
    },
    ...strictField(tool, hasSchemas, notes),
  };
}

/** The default is left out: not all models take a choice. */
function choiceOf(
  { toolChoice, tools }: Turn,
  { forces }: ConverseTraits,
  names: ToolNames,
  notes: Notes,
): JsonObject | null {
  const choice = toolChoice?.value;
  if (choice?.kind === "any" && forces.includes("any")) return { any: {} };
  if (choice?.kind === "tool") {
    if (forces.includes("tool")) return { tool: { name: names.sent(choice.name) } };
    if (forces.includes("any") && tools.length === 1) return { any: {} };
  }
  if (choice?.kind === "any" || choice?.kind === "tool")
    notes.refuse(toolChoice, "the model cannot be made to use a tool");
  return null;
}

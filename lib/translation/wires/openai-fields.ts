import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { AnswerFormat, EncodeOptions, Tool, ToolChoice, Turn } from "#lib/translation/turn";
import { asFunction, objectSchema } from "./function-tools";
import { dropMarks, type Notes, notesOn, plainValue } from "./notes";
import { type OpenAiTraits, openAiTraits } from "./openai-models";
import { type NameRule, namesIn, type ToolNames, toolNames } from "./tool-names";
import { userId } from "./user-id";

/** Names of functions at OpenAI, and of tools at Anthropic and Bedrock (API_runtime_ToolSpecification). */
export const PLAIN_NAME: NameRule = {
  most: 64,
  unsafe: /[^A-Za-z0-9_-]/g,
  isAllowed: (name: string) => /^[A-Za-z0-9_-]{1,64}$/.test(name),
};
/** The longest name of an end user. */
export const MOST_OF_USER = 64;

/** What both of OpenAI's dialects begin with: neither has cache marks, or documents to cite. */
export function openAiEncoding(
  turn: Turn,
  { upstreamModel }: Pick<EncodeOptions, "upstreamModel">,
): { notes: Notes; traits: OpenAiTraits; names: ToolNames } {
  const notes = notesOn(turn);
  dropMarks(turn, notes);
  return { notes, traits: openAiTraits(upstreamModel), names: toolNames(namesIn(turn), PLAIN_NAME) };
}

/** A function, without what says that it is strict. */
function functionOf(tool: Tool, names: ToolNames): JsonObject {
  const { schema, ...named } = asFunction(tool, names);
  return { ...named, parameters: objectSchema(schema) };
}

/** A function and the choice of one, as a dialect has them besides their type. */
export type ToolShapes = {
  tool: (named: JsonObject, strict: boolean | null) => JsonObject;
  chosen: (name: string) => JsonObject;
};

/** The tools of a request, and what is chosen of them. */
export function openAiTools(
  { tools, toolChoice, parallelCalls }: Turn,
  shapes: ToolShapes,
  names: ToolNames,
): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: tools.map((tool) => ({ type: "function", ...shapes.tool(functionOf(tool, names), tool.strict) })),
    tool_choice: toolChoice === null ? undefined : choiceOf(toolChoice.value, shapes.chosen, names),
    parallel_tool_calls: plainValue(parallelCalls),
  };
}

function choiceOf(choice: ToolChoice, chosen: (name: string) => JsonObject, names: ToolNames): unknown {
  if (choice.kind === "tool") return { type: "function", ...chosen(names.sent(choice.name)) };
  return choice.kind === "any" ? "required" : choice.kind;
}

/**
 * Keeps requests of a conversation together, so that they reach a server that has cached its beginning. Where the client
 * has marks for a cache instead of a key, whom the conversation is with is the best there is.
 */
export function cacheKeyOf({ cacheKey, user, messages, tools }: Turn): string | undefined {
  if (cacheKey !== null) return cacheKey.value;
  const hasMark =
    tools.some(({ cache }) => cache !== null) ||
    messages.some(({ blocks }) => blocks.some(({ cache }) => cache !== null));
  return hasMark ? userId(user, MOST_OF_USER) : undefined;
}

/** A schema with its name, as both of OpenAI's dialects have it. */
export const namedSchema = ({
  name,
  description,
  schema,
  strict,
}: Extract<AnswerFormat, { kind: "schema" }>): JsonObject => ({
  name,
  ...(description === null ? {} : { description }),
  schema,
  ...(strict === null ? {} : { strict }),
});

import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { AnswerFormat, Tool, ToolChoice, Turn } from "#lib/translation/turn";
import { asFunction } from "./function-tools";
import { plainValue } from "./notes";
import type { NameRule, ToolNames } from "./tool-names";
import { userId } from "./user-id";

/** Names of functions at OpenAI, and of tools at Anthropic and Bedrock (API_runtime_ToolSpecification). */
export const PLAIN_NAME: NameRule = {
  most: 64,
  unsafe: /[^A-Za-z0-9_-]/g,
  isAllowed: (name: string) => /^[A-Za-z0-9_-]{1,64}$/.test(name),
};
/** The longest name of an end user. */
export const MOST_OF_USER = 64;
const NO_ARGUMENTS: JsonObject = { type: "object", properties: {} };

/** A function as both of OpenAI's dialects have it, without what says that it is strict. */
export function functionOf(tool: Tool, names: ToolNames): JsonObject {
  const { schema, ...named } = asFunction(tool, names);
  return { ...named, parameters: schema ?? NO_ARGUMENTS };
}

/**
 * The tools of a request, and what is chosen of them.
 * @param shaped a function, and the choice of one, as the dialect has them
 */
export function openAiTools(
  { tools, toolChoice, parallelCalls }: Turn,
  shaped: { tool: (tool: Tool) => JsonObject; chosen: (name: string) => JsonObject },
  names: ToolNames,
): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(shaped.tool),
    tool_choice: toolChoice === null ? undefined : choiceOf(toolChoice.value, shaped.chosen, names),
    parallel_tool_calls: plainValue(parallelCalls),
  };
}

function choiceOf(choice: ToolChoice, chosen: (name: string) => JsonObject, names: ToolNames): unknown {
  if (choice.kind === "tool") return chosen(names.sent(choice.name));
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

import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { withKeptNumbers } from "#lib/dialects/text/kept-numbers";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import type { CallBlock, Tool } from "#lib/translation/turn";
import type { Notes } from "./notes";
import type { ToolNames } from "./tool-names";

/** The only argument of a custom tool on a wire that has functions alone. */
export const CUSTOM_INPUT = "input";
const TEXT_SCHEMA: JsonObject = {
  type: "object",
  properties: { [CUSTOM_INPUT]: { type: "string" } },
  required: [CUSTOM_INPUT],
  additionalProperties: false,
};

/** A tool as a function: a custom one takes its text as its only argument, and is told its grammar. */
export function asFunction(
  tool: Tool,
  names: ToolNames,
): {
  name: string;
  description: string | undefined;
  schema: JsonObject | undefined;
} {
  const { description, schema, custom } = tool;
  const name = names.sent(tool.name);
  if (custom === null) return { name, description: description ?? undefined, schema: schema ?? undefined };
  const grammar = custom.grammar === null ? "" : `\n\nThe input follows this grammar:\n${custom.grammar}`;
  return { name, description: `${description ?? ""}${grammar}` || undefined, schema: TEXT_SCHEMA };
}

/** What OpenAI, Anthropic and Bedrock require of a function's schema. */
const NO_ARGUMENTS: JsonObject = { type: "object", properties: {} };

/** A schema of arguments as these APIs take it: that of an object, which names its properties. */
export const objectSchema = (schema: JsonObject | undefined): JsonObject => ({ ...NO_ARGUMENTS, ...schema });

/** The bytes that this adds to a tool. */
export function objectSchemaBytes({ schema, custom }: Tool): number {
  if (custom !== null) return 0;
  const given = JSON.stringify(schema ?? {});
  return Math.max(0, JSON.stringify(objectSchema(schema ?? {})).length - given.length);
}

/** The arguments of a call as an object. What is no object is kept as a text. */
export function argumentsOf({ args, isCustom }: CallBlock): JsonObject {
  if (isCustom) return { [CUSTOM_INPUT]: args };
  if (args.trim() === "") return {};
  const parsed = parsedValue(withKeptNumbers(args));
  return isObject(parsed) ? parsed : { [CUSTOM_INPUT]: args };
}

/** The same as JSON text, for wires that have texts: an object's is as it was. */
export function argumentsText(call: CallBlock): string {
  const { args } = call;
  return isWrapped(call) ? JSON.stringify({ [CUSTOM_INPUT]: args }) : args.trim() || "{}";
}

/** Whether the arguments are sent as a text of their own. */
export const isWrapped = ({ args, isCustom }: CallBlock): boolean =>
  isCustom || (args.trim() !== "" && !isObject(parsedValue(args)));

/** Says that a tool is strict, where the model keeps to schemas. */
export function strictField({ strict, strictAt }: Tool, hasSchemas: boolean, notes: Notes): JsonObject {
  if (strict !== true) return {};
  if (hasSchemas) return { strict };
  notes.dropped.push(strictAt);
  return {};
}

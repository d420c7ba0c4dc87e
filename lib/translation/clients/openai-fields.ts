import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { AnswerFormat, Given, Tool } from "#lib/translation/turn";
import { objectOf, objectsIn, textOf } from "./given";

/** Fields that OpenAI's dialects have in common: those with a place in `Turn`, and those that ask for nothing. */
export const COMMON_FIELDS = [
  "model",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "temperature",
  "top_p",
  "reasoning",
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "stream",
  "stream_options",
  "store",
] as const;

export const parallelCallsIn = ({ parallel_tool_calls: value }: JsonObject): Given<boolean> | null =>
  typeof value === "boolean" ? { value, at: "parallel_tool_calls" } : null;

/**
 * The tools that a choice allows. Other wires have no such choice: the model is not shown the rest.
 * @param allowed a list of tools; absent: all are allowed
 * @param nameOf the name of one of the list as the client's tools have it
 */
export function allowedTools(
  tools: readonly Tool[],
  allowed: unknown,
  nameOf: (tool: JsonObject) => string | null,
): readonly Tool[] {
  if (!Array.isArray(allowed)) return tools;
  const names = new Set(objectsIn(allowed).map(([, tool]) => nameOf(tool)));
  return tools.filter(({ name }) => names.has(name));
}

/** The form of an answer: any JSON, or JSON by a schema with a name. */
export function formatIn(
  type: unknown,
  described: JsonObject | null,
  at: string,
): Given<AnswerFormat> | null {
  if (type === "json_object") return { value: { kind: "json" }, at };
  const schema = objectOf(described?.schema);
  if (type !== "json_schema" || described === null || schema === null) return null;
  const { name, description, strict } = described;
  return {
    value: {
      kind: "schema",
      name: textOf(name) ?? "answer",
      description: textOf(description),
      schema,
      strict: typeof strict === "boolean" ? strict : null,
    },
    at,
  };
}

/** What was written to a cache, among the details of an input. */
export const cacheWrites = (tokens: number) => (tokens === 0 ? {} : { cache_write_tokens: tokens });

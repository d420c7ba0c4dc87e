import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import {
  growthWhenWritten,
  type WrittenGrowth,
  writtenFields,
} from "#lib/dialects/conversation/written-growth";
import type { FieldSpan, JsonObject } from "#lib/dialects/text/json-fields";
import { definedToolTokens, type ToolList } from "./tools";

/** Fields that become part of the prompt besides the input. */
export const PROMPT_FIELDS: readonly string[] = ["instructions", "tools", "text"];
/** Those that a server may write into the prompt as JSON. */
const WRITTEN_FIELDS: readonly string[] = ["tools", "text", "tool_choice"];

/** A body whose fields were found. */
export type GivenBody = { json: string; fields: ReadonlyMap<string, FieldSpan>; body: JsonObject };

/**
 * What a body grows by at most when a template writes its tools, schemas and calls out as JSON or in tags.
 * @param ofItems the tools that items have
 */
export function responsesGrowth(
  given: GivenBody,
  ofItems: readonly ToolList[],
  tools: readonly JsonObject[],
  { field, messages }: Conversation,
): WrittenGrowth {
  const written = writtenFields(given, WRITTEN_FIELDS, PROMPT_FIELDS);
  for (const { param, tools: value } of ofItems) {
    const text = JSON.stringify(value);
    written.push({ param, value, json: text, start: 0, end: text.length, isPrompt: true });
  }
  // Some templates repeat the tools with each message of the system.
  const system = { role: "system", content: given.body.instructions };
  const all = typeof given.body.instructions === "string" ? [...messages, system] : messages;
  const growth = growthWhenWritten(written, { tools }, { field, messages: all });
  const defined = definedToolTokens(tools);
  if (defined === 0) return growth;
  const { schemaBytes, numbers } = growth;
  return {
    ...growth,
    schemaBytes: schemaBytes + defined,
    numbers: { bytes: numbers.bytes + defined, tokens: numbers.tokens + defined },
  };
}

import type { FieldSpan, JsonObject } from "#lib/dialects/text/json-fields";
import type { Conversation } from "./walk-messages";
import { growthWhenWritten, type WrittenField, type WrittenGrowth, writtenFields } from "./written-growth";

/** Fields that become part of the prompt besides the messages. */
export const PROMPT_FIELDS: readonly string[] = ["tools", "functions", "response_format"];
/** Fields that a server may write into the prompt as JSON, too. */
const SCHEMA_FIELDS = [
  "tool_choice",
  "function_call",
  "guided_json",
  "json_schema",
  "response_schema",
  "structured_outputs",
  "format",
];
/** All of them. */
export const WRITTEN_FIELDS: readonly string[] = [...PROMPT_FIELDS, ...SCHEMA_FIELDS];

/** Whether what a field has is held for as it may be written into the prompt. */
export const isWrittenField = (name: string): boolean => WRITTEN_FIELDS.includes(name);

/** The parts of a chat that a server may write into the prompt as JSON. */
export const chatWritten = (
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  body: JsonObject,
): WrittenField[] => writtenFields({ json, fields, body }, WRITTEN_FIELDS, PROMPT_FIELDS);

/** What a chat grows by at most when a template writes its tools, schemas and calls out as JSON or in tags. */
export function chatGrowth(
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  body: JsonObject,
  conversation: Conversation,
): WrittenGrowth {
  return growthWhenWritten(chatWritten(json, fields, body), body, conversation);
}

import {
  growthWhenWritten,
  type WrittenGrowth,
  writtenFields,
} from "#lib/dialects/conversation/written-growth";
import type { FieldSpan, JsonObject } from "#lib/dialects/text/json-fields";
import { asChatTools } from "./view";

/** Fields that become part of the prompt besides the messages. */
export const PROMPT_FIELDS: readonly string[] = ["tools", "output_config", "output_format"];

/** Fields that a server may write into the prompt as JSON: tools, and the schema of an answer's form. */
const WRITTEN_FIELDS: readonly string[] = ["tools", "tool_choice", "output_config", "output_format"];

/**
 * What a request grows by at most when a template writes its tools, schemas and calls out.
 * @param messages in the form that templates take
 */
export function messagesGrowth(
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  body: JsonObject,
  messages: readonly JsonObject[],
): WrittenGrowth {
  const written = writtenFields({ json, fields, body }, WRITTEN_FIELDS, PROMPT_FIELDS);
  return growthWhenWritten(written, { tools: asChatTools(body.tools) }, { field: "messages", messages });
}

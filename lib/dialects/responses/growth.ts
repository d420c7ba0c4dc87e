import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import {
  growthWhenWritten,
  type WrittenField,
  type WrittenGrowth,
} from "#lib/dialects/conversation/written-growth";
import type { FieldSpan, JsonObject } from "#lib/dialects/text/json-fields";
import type { ToolList } from "./tools";

/** Fields that become part of the prompt besides the input. */
export const PROMPT_FIELDS: readonly string[] = ["instructions", "tools", "text"];
/** Those that a server may write into the prompt as JSON. */
const WRITTEN: readonly { name: string; isPrompt: boolean }[] = [
  { name: "tools", isPrompt: true },
  { name: "text", isPrompt: true },
  { name: "tool_choice", isPrompt: false },
];

/** A body whose fields were found. */
export type GivenBody = { json: string; fields: ReadonlyMap<string, FieldSpan>; body: JsonObject };

/**
 * What a body grows by at most when a template writes its tools, schemas and calls out as JSON or in tags.
 * @param ofItems the tools that items have
 */
export function responsesGrowth(
  { json, fields, body }: GivenBody,
  ofItems: readonly ToolList[],
  tools: readonly JsonObject[],
  { field, messages }: Conversation,
): WrittenGrowth {
  const written: WrittenField[] = WRITTEN.flatMap(({ name, isPrompt }) => {
    const span = fields.get(name);
    if (span === undefined) return [];
    return [{ param: name, value: body[name], json, start: span.start, end: span.end, isPrompt }];
  });
  for (const { param, tools: value } of ofItems) {
    const text = JSON.stringify(value);
    written.push({ param, value, json: text, start: 0, end: text.length, isPrompt: true });
  }
  // Some templates repeat the tools with each message of the system.
  const system = { role: "system", content: body.instructions };
  const all = typeof body.instructions === "string" ? [...messages, system] : messages;
  return growthWhenWritten(written, { tools }, { field, messages: all });
}

import type { Call, CallGrowth } from "#lib/dialects/call";
import { type Growth, growthLater } from "#lib/dialects/conversation/growth-later";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import {
  grownBy,
  type Unfolded,
  unfoldedIn,
  type WrittenField,
  writtenFields,
} from "#lib/dialects/conversation/written-growth";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { asConversation, itemsOf } from "./as-chat";
import { toolLists } from "./tool-lists";
import { definedToolTokens, judgeTools, type ToolList } from "./tools";

/** Fields that become part of the prompt besides the input. */
export const PROMPT_FIELDS: readonly string[] = ["instructions", "tools", "text"];
/** Those that a server may write into the prompt as JSON. */
const WRITTEN_FIELDS: readonly string[] = ["tools", "text", "tool_choice"];

type Given = Pick<Call, "json" | "fields">;
/** A body without tools that are left out: its items as messages, and its tools, also those that items have. */
export type Parsed = {
  body: JsonObject;
  conversation: Conversation;
  lists: readonly ToolList[];
  tools: readonly JsonObject[];
};

/**
 * What a body grows by at most when a template writes its tools, schemas and calls out as JSON or in tags, and what
 * unfolds in it.
 */
export function growthOf(
  given: Given,
  parsed: Parsed,
  scalarBytes: number,
): { unfolded: Unfolded; growth: Growth } {
  const unfolded = unfoldedIn(writtenIn(given, parsed), parsed.conversation);
  return { unfolded, growth: growthAfter(given, parsed, unfolded, scalarBytes) };
}

const growthAfter = (given: Given, parsed: Parsed, unfolded: Unfolded, scalarBytes: number): Growth =>
  growthLater(
    given.json,
    parsed,
    () => parsedAgain(given.json),
    (again) => grown(given, again, unfolded, scalarBytes),
  );

/** A body that was parsed before. */
function parsedAgain(json: string): Parsed {
  const body = parsedBefore(json);
  const items = itemsOf(body);
  const lists = toolLists(body, items);
  const { tools } = judgeTools(lists, body.tool_choice, true);
  return { body, conversation: asConversation(items), lists, tools };
}

function grown(given: Given, parsed: Parsed, unfolded: Unfolded, scalarBytes: number): CallGrowth {
  const { field, messages } = parsed.conversation;
  const { instructions } = parsed.body;
  // Some templates repeat the tools with each message of the system.
  const system = { role: "system", content: instructions };
  const all = typeof instructions === "string" ? [...messages, system] : messages;
  const { tools } = parsed;
  const growth = grownBy(writtenIn(given, parsed), { tools }, { field, messages: all }, unfolded);
  const defined = definedToolTokens(tools);
  const { schemaBytes, numbers } = growth;
  return {
    ...growth,
    schemaBytes: schemaBytes + defined,
    numbers: { bytes: numbers.bytes + defined, tokens: numbers.tokens + defined },
    scalarBytes,
    sharedBytes: 0,
  };
}

function writtenIn({ json, fields }: Given, { body, lists }: Parsed): readonly WrittenField[] {
  const written = writtenFields({ json, fields, body }, WRITTEN_FIELDS, PROMPT_FIELDS);
  for (const { param, tools: value } of lists) {
    if (param === "tools") continue;
    const text = JSON.stringify(value);
    written.push({ param, value, json: text, start: 0, end: text.length, isPrompt: true });
  }
  return written;
}

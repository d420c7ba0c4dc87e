import type { GivenText, Growing } from "#lib/dialects/conversation/growth-later";
import type { Conversation } from "#lib/dialects/conversation/walk-messages";
import { grownBy, type WrittenField, writtenFields } from "#lib/dialects/conversation/written-growth";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { asConversation, itemsOf } from "./as-chat";
import { toolLists } from "./tool-lists";
import { definedToolTokens, judgeTools, type ToolList } from "./tools";

/** Fields that become part of the prompt besides the input. */
export const PROMPT_FIELDS: readonly string[] = ["instructions", "tools", "text"];
/** Those that a server may write into the prompt as JSON. */
const WRITTEN_FIELDS: readonly string[] = ["tools", "text", "tool_choice"];

/** A body without tools that are left out: its items as messages, and its tools, also those that items have. */
type Parsed = {
  body: JsonObject;
  conversation: Conversation;
  lists: readonly ToolList[];
  tools: readonly JsonObject[];
};

/** What a body grows by at most when a template writes its tools, schemas and calls out as JSON or in tags. */
export const responsesGrowing: Growing<Parsed> = {
  written: writtenIn,
  results: ({ conversation }) => conversation,
  grown: (given, parsed, unfolded, scalarBytes) => {
    const { body, conversation, tools } = parsed;
    const { field, messages } = conversation;
    // Some templates repeat the tools with each message of the system.
    const system = { role: "system", content: body.instructions };
    const all = typeof body.instructions === "string" ? [system, ...messages] : messages;
    const written = writtenIn(given, parsed);
    const growth = grownBy(written, { tools }, { field, messages: all }, unfolded, scalarBytes);
    const defined = definedToolTokens(tools);
    const { schemaBytes, schemaTokens, always } = growth;
    return {
      ...growth,
      schemaBytes: schemaBytes + defined,
      schemaTokens: schemaTokens + defined,
      always: { bytes: always.bytes + defined, tokens: always.tokens + defined },
    };
  },
  again: ({ json }) => {
    const body = parsedBefore(json);
    const items = itemsOf(body);
    const lists = toolLists(body, items);
    const { tools } = judgeTools(lists, body.tool_choice, true);
    return { body, conversation: asConversation(items), lists, tools };
  },
};

function writtenIn({ json, fields }: GivenText, { body, lists }: Parsed): readonly WrittenField[] {
  const written = writtenFields({ json, fields, body }, WRITTEN_FIELDS, PROMPT_FIELDS);
  for (const { param, tools: value } of lists) {
    if (param === "tools") continue;
    const text = JSON.stringify(value);
    written.push({ param, value, json: text, start: 0, end: text.length, isPrompt: true });
  }
  return written;
}

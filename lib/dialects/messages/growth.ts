import type { GivenText, Growing } from "#lib/dialects/conversation/growth-later";
import { grownBy, type WrittenField, writtenFields } from "#lib/dialects/conversation/written-growth";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { citedTokens } from "./citations";
import { referencedToolBytes } from "./tool-references";
import { definedToolBytes } from "./tools";
import { asChat, asChatTools, messagesIn, resultsIn, withoutSettings } from "./view";

/** Fields that become part of the prompt besides the messages. */
export const PROMPT_FIELDS: readonly string[] = ["tools", "output_config", "output_format"];

/** Fields that a server may write into the prompt as JSON: tools, and the schema of an answer's form. */
const WRITTEN_FIELDS: readonly string[] = ["tools", "tool_choice", "output_config", "output_format"];

/** A body, and its messages without settings (view.ts). */
export type Parsed = { body: JsonObject; plain: readonly JsonObject[] };

/** What a request grows by at most when a template writes its tools, schemas and calls out. */
export const messagesGrowing: Growing<Parsed> = {
  written: writtenIn,
  results: ({ plain }) => ({ field: "messages", messages: resultsIn(plain) }),
  grown: (given, parsed, unfolded, scalarBytes) => {
    const { body, plain } = parsed;
    const tools = Array.isArray(body.tools) ? body.tools.filter(isObject) : [];
    const chat = { field: "messages", messages: asChat(body.system, plain) };
    const growth = grownBy(
      writtenIn(given, parsed),
      { tools: asChatTools(tools) },
      chat,
      unfolded,
      scalarBytes,
    );
    const messages = messagesIn(body);
    const addedBytes = definedToolBytes(tools) + referencedToolBytes(messages, tools) + citedTokens(messages);
    const { schemaBytes, schemaTokens } = growth;
    return {
      ...growth,
      schemaBytes: schemaBytes + addedBytes,
      schemaTokens: schemaTokens + addedBytes,
    };
  },
  again: ({ json }) => parsedAgain(json),
};

/** A body that was parsed before. */
export function parsedAgain(json: string): Parsed {
  const body = parsedBefore(json);
  return { body, plain: withoutSettings(messagesIn(body)) };
}

function writtenIn({ json, fields }: GivenText, { body }: Parsed): readonly WrittenField[] {
  return writtenFields({ json, fields, body }, WRITTEN_FIELDS, PROMPT_FIELDS);
}

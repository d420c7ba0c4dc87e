import type { Call, CallGrowth } from "#lib/dialects/call";
import { type Growth, growthLater } from "#lib/dialects/conversation/growth-later";
import { grownBy, type Unfolded, unfoldedIn, writtenFields } from "#lib/dialects/conversation/written-growth";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore } from "#lib/dialects/text/parsed-object";
import { referencedToolBytes } from "./tool-references";
import { definedToolBytes } from "./tools";
import { asChat, asChatTools, messagesIn, resultsIn, withoutSettings } from "./view";

/** Fields that become part of the prompt besides the messages. */
export const PROMPT_FIELDS: readonly string[] = ["tools", "output_config", "output_format"];

/** Fields that a server may write into the prompt as JSON: tools, and the schema of an answer's form. */
const WRITTEN_FIELDS: readonly string[] = ["tools", "tool_choice", "output_config", "output_format"];

type Given = Pick<Call, "json" | "fields">;
/** A body, and its messages without settings (view.ts). */
export type Parsed = { body: JsonObject; plain: readonly JsonObject[] };

/** What a request grows by at most when a template writes its tools, schemas and calls out, and what unfolds in it. */
export function growthOf(
  given: Given,
  parsed: Parsed,
  scalarBytes: number,
): { unfolded: Unfolded; growth: Growth } {
  const results = { field: "messages", messages: resultsIn(parsed.plain) };
  const unfolded = unfoldedIn(writtenIn(given, parsed.body), results);
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
export function parsedAgain(json: string): Parsed {
  const body = parsedBefore(json);
  return { body, plain: withoutSettings(messagesIn(body)) };
}

function grown(given: Given, { body, plain }: Parsed, unfolded: Unfolded, scalarBytes: number): CallGrowth {
  const tools = Array.isArray(body.tools) ? body.tools.filter(isObject) : [];
  const chat = { field: "messages", messages: asChat(body.system, plain) };
  const { schemaBytes, ...others } = grownBy(
    writtenIn(given, body),
    { tools: asChatTools(tools) },
    chat,
    unfolded,
  );
  const addedBytes = definedToolBytes(tools) + referencedToolBytes(messagesIn(body), tools);
  return { ...others, schemaBytes: schemaBytes + addedBytes, scalarBytes, sharedBytes: 0 };
}

const writtenIn = ({ json, fields }: Given, body: JsonObject) =>
  writtenFields({ json, fields, body }, WRITTEN_FIELDS, PROMPT_FIELDS);

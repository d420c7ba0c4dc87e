import type { CallGrowth } from "#lib/dialects/call";
import { type FieldSpan, isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { growthByReferences } from "#lib/dialects/text/schema-references";
import { growthByUnions } from "#lib/dialects/text/schema-unions";
import { growthWrittenOut } from "#lib/dialects/text/written-out";
import { parsedJson } from "#lib/http/parsed-json";
import { repeatsIn } from "./repeats";
import { textsOf } from "./texts-of";
import { toolSignatures } from "./tool-signatures";
import type { Conversation } from "./walk-messages";

/** A part of a body that a server may write into the prompt as JSON: tools, schemas and choices of them. */
export type WrittenField = {
  param: string;
  value: unknown;
  /** Its JSON is from `start` to `end`. */
  json: string;
  start: number;
  end: number;
  /** Whether it is part of the prompt by itself, and not only as what constrains the answer. */
  isPrompt: boolean;
};

/**
 * The parts of a body under these names.
 * @param promptFields those that become part of the prompt by themselves
 */
export function writtenFields(
  { json, fields, body }: { json: string; fields: ReadonlyMap<string, FieldSpan>; body: JsonObject },
  names: readonly string[],
  promptFields: readonly string[],
): WrittenField[] {
  const written: WrittenField[] = [];
  for (const param of names) {
    const span = fields.get(param);
    if (span === undefined) continue;
    const { start, end } = span;
    written.push({ param, value: body[param], json, start, end, isPrompt: promptFields.includes(param) });
  }
  return written;
}

/** Without any of these, a schema has neither references nor a list of types; names may be escaped. */
const UNFOLDED = /ref"|\\u|"type"\s*:\s*\[/;

/** Whether what schemas have in JSON may be written several times: else they need not be walked. */
export const mayUnfold = (json: string): boolean => UNFOLDED.test(json);

/** Results that LiteLLM would read as JSON and unfold for Gemini, if they have references; it takes time to parse them. */
const IS_LIKE_JSON = /^\s*[{[]/;
const MOST_PARSED_CHARACTERS = 1_000_000;

/** What references and lists of types may add to a body when a provider unfolds them. */
export type Unfolded = {
  schemaBytes: number;
  resultBytes: number;
  /** The first fields whose references unfold without a bound, in schemas and in results; null if there is none. */
  unfoldedParam: string | null;
  unfoldedResultParam: string | null;
};

export type WrittenGrowth = CallGrowth & Pick<Unfolded, "unfoldedParam" | "unfoldedResultParam">;

/**
 * What a body grows by at most when a template writes its tools, schemas and calls out as JSON or in tags.
 * @param tools what it has of tools, under the names that chat completions have for them
 */
export function growthWhenWritten(
  written: readonly WrittenField[],
  tools: JsonObject,
  conversation: Conversation,
): WrittenGrowth {
  const unfolded = unfoldedIn(written, conversation);
  const { unfoldedParam, unfoldedResultParam } = unfolded;
  return { ...grownBy(written, tools, conversation, unfolded), unfoldedParam, unfoldedResultParam };
}

/** What the schemas and the results of a body may unfold to. */
export function unfoldedIn(written: readonly WrittenField[], { field, messages }: Conversation): Unfolded {
  const unfolded: Unfolded = {
    schemaBytes: 0,
    resultBytes: 0,
    unfoldedParam: null,
    unfoldedResultParam: null,
  };
  let parsedCharacters = 0;

  function addResult(text: string, param: string): void {
    if (!IS_LIKE_JSON.test(text) || !mayUnfold(text)) return;
    parsedCharacters += text.length;
    const bytes = parsedCharacters > MOST_PARSED_CHARACTERS ? null : growthByReferences(parsedJson(text));
    if (bytes === null) unfolded.unfoldedResultParam ??= param;
    else unfolded.resultBytes += bytes;
  }

  for (const { param, value: given, json, start, end } of written) {
    // Some schemas are given as text.
    const isText = typeof given === "string";
    if (!isText && !mayUnfold(json.slice(start, end))) continue;
    const value = isText ? parsedJson(given) : given;
    for (const schema of Array.isArray(value) ? value : [value]) {
      const bytes = growthUnfolded(schema);
      if (bytes === null) unfolded.unfoldedParam ??= param;
      else unfolded.schemaBytes += bytes;
    }
  }
  for (const [at, message] of messages.entries()) {
    if (message.role !== "tool" && message.role !== "function") continue;
    for (const text of textsOf(message.content)) addResult(text, `${field}[${at}].content`);
  }
  return unfolded;
}

/**
 * What a body grows by with what unfolds in it.
 * @param tools as growthWhenWritten has them
 * @param scalarBytes what it has in fields that Tollgate does not know
 */
export function grownBy(
  written: readonly WrittenField[],
  tools: JsonObject,
  { messages }: Conversation,
  unfolded: Unfolded,
  scalarBytes = 0,
): CallGrowth {
  const always = { bytes: 0, tokens: 0 };
  let { schemaBytes } = unfolded;
  let schemaTokens = schemaBytes;
  let promptBytes = 0;

  function addCalls({ tool_calls: calls, function_call: single }: JsonObject): void {
    addArguments(single);
    if (!Array.isArray(calls)) return;
    for (const call of calls) {
      if (!isObject(call)) continue;
      addArguments(call.function);
      addArguments(call.custom);
    }
  }

  function addArguments(called: unknown): void {
    if (!isObject(called) || typeof called.arguments !== "string") return;
    const given = called.arguments;
    const growth = growthWrittenOut(given, 0, given.length, true);
    schemaBytes += growth.bytes;
    schemaTokens += growth.tokens;
  }

  for (const { value: given, json, start, end, isPrompt } of written) {
    const isText = typeof given === "string";
    const growth = isText ? growthWrittenOut(given, 0, given.length) : growthWrittenOut(json, start, end);
    schemaBytes += growth.bytes;
    schemaTokens += growth.tokens;
    if (isPrompt) promptBytes += Buffer.byteLength(json.slice(start, end));
    always.bytes += growth.always.bytes;
    always.tokens += growth.always.tokens;
  }
  const repeats = repeatsIn(messages, tools, promptBytes + schemaBytes);
  for (const message of messages) addCalls(message);
  return {
    schemaBytes,
    schemaTokens,
    always,
    signatures: toolSignatures(tools),
    unfoldedResultBytes: unfolded.resultBytes,
    repeats,
    scalarBytes,
    sharedBytes: 0,
  };
}

/** Beyond so many bytes a schema has no reasonable bound. */
const MOST_UNFOLDED_BYTES = 8_000_000;

/** Null for a schema that grows without a reasonable bound, as by references within what each of several types repeats. */
function growthUnfolded(schema: unknown): number | null {
  const references = growthByReferences(schema);
  if (references === null) return null;
  const unions = growthByUnions(schema);
  if (unions > MOST_UNFOLDED_BYTES || (references > 0 && unions > 0)) return null;
  return references + unions;
}

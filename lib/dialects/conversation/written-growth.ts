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

export type WrittenGrowth = Omit<CallGrowth, "scalarBytes" | "sharedBytes"> & {
  /** The first fields whose references unfold without a bound, in schemas and in results; null if there is none. */
  unfoldedParam: string | null;
  unfoldedResultParam: string | null;
};

/**
 * What a body grows by at most when a template writes its tools, schemas and calls out as JSON or in tags.
 * @param tools what it has of tools, under the names that chat completions have for them
 */
export function growthWhenWritten(
  written: readonly WrittenField[],
  tools: JsonObject,
  { field, messages }: Conversation,
): WrittenGrowth {
  const numbers = { bytes: 0, tokens: 0 };
  let schemaBytes = 0;
  let promptBytes = 0;
  let unfoldedResultBytes = 0;
  let unfoldedParam: string | null = null;
  let unfoldedResultParam: string | null = null;
  let parsedCharacters = 0;

  function addResult(text: string, param: string): void {
    if (!IS_LIKE_JSON.test(text) || !mayUnfold(text)) return;
    parsedCharacters += text.length;
    const unfolded = parsedCharacters > MOST_PARSED_CHARACTERS ? null : growthByReferences(parsedJson(text));
    if (unfolded === null) unfoldedResultParam ??= param;
    else unfoldedResultBytes += unfolded;
  }

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
    schemaBytes += growthWrittenOut(given, 0, given.length, true).bytes;
  }

  for (const { param, value: given, json, start, end, isPrompt } of written) {
    // Some schemas are given as text.
    const isText = typeof given === "string";
    const growth = isText ? growthWrittenOut(given, 0, given.length) : growthWrittenOut(json, start, end);
    schemaBytes += growth.bytes;
    if (isPrompt) promptBytes += Buffer.byteLength(json.slice(start, end));
    numbers.bytes += growth.numbers.bytes;
    numbers.tokens += growth.numbers.tokens;
    if (!isText && !mayUnfold(json.slice(start, end))) continue;
    const value = isText ? parsedJson(given) : given;
    for (const schema of Array.isArray(value) ? value : [value]) {
      const bytes = growthUnfolded(schema);
      if (bytes === null) unfoldedParam ??= param;
      else schemaBytes += bytes;
    }
  }
  const repeats = repeatsIn(messages, tools, promptBytes + schemaBytes);
  for (const [at, message] of messages.entries()) {
    addCalls(message);
    if (message.role !== "tool" && message.role !== "function") continue;
    for (const text of textsOf(message.content)) addResult(text, `${field}[${at}].content`);
  }
  return {
    schemaBytes,
    numbers,
    signatures: toolSignatures(tools),
    unfoldedResultBytes,
    repeats,
    unfoldedParam,
    unfoldedResultParam,
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

import type { CallGrowth } from "#lib/dialects/call";
import { type FieldSpan, isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { growthByReferences } from "#lib/dialects/text/schema-references";
import { growthWrittenOut } from "#lib/dialects/text/written-out";
import { parsedJson } from "#lib/http/parsed-json";
import { textsOf } from "./texts-of";

/** Fields that become part of the prompt besides the messages. */
export const PROMPT_FIELDS = ["tools", "functions", "response_format"];

/** Results that LiteLLM would read as JSON and unfold for Gemini; it takes time to parse them. */
const MAY_HAVE_REFERENCES = /^\s*[{[][\s\S]*ref/;
const MOST_PARSED_CHARACTERS = 1_000_000;

export type ChatGrowth = CallGrowth & {
  /** The first fields whose references unfold without a bound, in schemas and in results; null if there is none. */
  unfoldedParam: string | null;
  unfoldedResultParam: string | null;
};

/** What a chat grows by at most when a template writes its tools, schemas and calls out as JSON or in tags. */
export function chatGrowth(
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  body: JsonObject,
  messages: readonly JsonObject[],
): ChatGrowth {
  const numbers = { bytes: 0, tokens: 0 };
  let schemaBytes = 0;
  let unfoldedResultBytes = 0;
  let unfoldedParam: string | null = null;
  let unfoldedResultParam: string | null = null;
  let parsedCharacters = 0;

  function addResult(text: string, param: string): void {
    if (!MAY_HAVE_REFERENCES.test(text)) return;
    parsedCharacters += text.length;
    const unfolded = parsedCharacters > MOST_PARSED_CHARACTERS ? null : growthByReferences(parsedJson(text));
    if (unfolded === null) unfoldedResultParam ??= param;
    else unfoldedResultBytes += unfolded;
  }

  for (const name of PROMPT_FIELDS) {
    const span = fields.get(name);
    if (span === undefined) continue;
    const growth = growthWrittenOut(json, span.start, span.end);
    schemaBytes += growth.bytes;
    numbers.bytes += growth.numbers.bytes;
    numbers.tokens += growth.numbers.tokens;
    const value = body[name];
    for (const schema of Array.isArray(value) ? value : [value]) {
      const bytes = growthByReferences(schema);
      if (bytes === null) unfoldedParam ??= name;
      else schemaBytes += bytes;
    }
  }
  for (const [at, message] of messages.entries()) {
    for (const given of argumentsIn(message))
      schemaBytes += growthWrittenOut(given, 0, given.length, true).bytes;
    if (message.role !== "tool" && message.role !== "function") continue;
    for (const text of textsOf(message.content)) addResult(text, `messages[${at}].content`);
  }
  return { schemaBytes, numbers, unfoldedResultBytes, unfoldedParam, unfoldedResultParam };
}

function argumentsIn({ tool_calls: calls, function_call: call }: JsonObject): string[] {
  const functions = Array.isArray(calls) ? calls.map((each) => (isObject(each) ? each.function : null)) : [];
  return [...functions, call].flatMap((each) =>
    isObject(each) && typeof each.arguments === "string" ? [each.arguments] : [],
  );
}

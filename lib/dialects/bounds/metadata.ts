import { rejectCostlyJson } from "#lib/dialects/text/json-cost";
import type { FieldSpan } from "#lib/dialects/text/json-fields";
import { walkFields } from "#lib/dialects/text/nested-fields";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import { plainName } from "./plain-name";
import { noteField, type UnknownReading } from "./unknown-fields";
import { asksForMore, choosesRoute, unsupportedField } from "./unsupported-fields";

/** Notes of a client's own, by plain names (`plainName`). */
const METADATA: ReadonlySet<string> = new Set(["metadata", "labels"]);
/** No value that asks for nothing is longer. */
const MOST_HARMLESS_CHARACTERS = 100;

/**
 * Names that LiteLLM gives to notes of its own: a client that writes them has its tools run there, and the model asked again
 * up to ten times (litellm/proxy/hooks/litellm_skills/main.py).
 */
const isServersOwn = (name: string): boolean =>
  /^(?:litellm|skillfiles|agenticloop|maxagenticloops)/.test(plainName(name));
const OWN_RULE = unsupportedField("tags");

export const isMetadata = (plain: string): boolean => METADATA.has(plain);

/** Whether a field, as `param` names it, is one of a client's notes. */
export const isNote = (param: string): boolean =>
  param.split(".").some((name) => isMetadata(plainName(name)));

/**
 * Notes what a server may read in a client's notes to choose a deployment, as LiteLLM does (`metadata.tags`,
 * docs.litellm.ai/docs/proxy/tag_routing), also where they are the text of a JSON object. All else there is the client's.
 * @throws ApiError invalid_request for a text that would be costly to parse
 */
export function noteMetadata(
  unknown: UnknownReading,
  json: string,
  { start, end }: FieldSpan,
  path: readonly string[],
): void {
  if (json[start] !== '"') {
    noteRoutes(unknown, json, start, path);
    return;
  }
  const text: string = JSON.parse(json.slice(start, end));
  const inner = text.trim();
  if (!inner.startsWith("{") && !inner.startsWith("[")) return;
  rejectCostlyJson(inner);
  // Python reads some texts that are no JSON, such as `NaN`.
  if (parsedValue(inner) === undefined) noteField(unknown, path);
  else noteRoutes(unknown, inner, 0, path);
}

function noteRoutes(unknown: UnknownReading, json: string, start: number, path: readonly string[]): void {
  walkFields(json, start, [...path], {
    enters: () => true,
    visit: (inner, span) => {
      const name = inner.at(-1) ?? "";
      const rule = isServersOwn(name) ? OWN_RULE : unsupportedField(plainName(name));
      if (rule === undefined || !choosesRoute(rule)) return false;
      const isShort = span.end - span.start < MOST_HARMLESS_CHARACTERS;
      if (!isShort || asksForMore(JSON.parse(json.slice(span.start, span.end)), rule, true))
        noteField(unknown, inner);
      return false;
    },
    cuts: [],
  });
}

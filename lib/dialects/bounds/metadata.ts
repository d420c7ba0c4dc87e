import { rejectCostlyJson } from "#lib/dialects/text/json-cost";
import type { FieldSpan } from "#lib/dialects/text/json-fields";
import { walkFields } from "#lib/dialects/text/nested-fields";
import { unsupportedAt } from "./param-of";
import { plainName } from "./plain-name";
import { asksForMore, choosesRoute, unsupportedField } from "./unsupported-fields";

/** Notes of a client's own, by plain names (`plainName`). */
const METADATA: ReadonlySet<string> = new Set(["metadata", "labels"]);
/** No value that asks for nothing is longer. */
const MOST_HARMLESS_CHARACTERS = 100;

export const isMetadata = (plain: string): boolean => METADATA.has(plain);

/**
 * Judges a client's notes, which are its own but for what LiteLLM reads there to choose a deployment (`metadata.tags`,
 * docs.litellm.ai/docs/proxy/tag_routing), also where they are the text of a JSON object.
 * @throws ApiError unsupported_parameter with the path of the field
 */
export function judgeMetadata(json: string, { start, end }: FieldSpan, path: readonly string[]): void {
  if (json[start] !== '"') {
    judgeNotes(json, start, path);
    return;
  }
  const text: string = JSON.parse(json.slice(start, end));
  const inner = text.trim();
  if (!inner.startsWith("{") && !inner.startsWith("[")) return;
  rejectCostlyJson(inner);
  if (!isJson(inner)) throw unsupportedAt(path, "it must be an object.");
  judgeNotes(inner, 0, path);
}

function judgeNotes(json: string, start: number, path: readonly string[]): void {
  walkFields(json, start, [...path], {
    enters: () => true,
    visit: (inner, span) => {
      const rule = unsupportedField(plainName(inner.at(-1) ?? ""));
      if (rule === undefined || !choosesRoute(rule)) return false;
      const isShort = span.end - span.start < MOST_HARMLESS_CHARACTERS;
      if (isShort && !asksForMore(JSON.parse(json.slice(span.start, span.end)), rule, true)) return false;
      throw unsupportedAt(inner, rule.why);
    },
    cuts: [],
  });
}

/** Python reads some texts that are no JSON, such as `NaN`. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

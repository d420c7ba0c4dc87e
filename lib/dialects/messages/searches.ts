import type { Searches } from "#lib/dialects/call";
import {
  type FieldSpan,
  isObject,
  type JsonObject,
  setFields,
  topLevelFields,
} from "#lib/dialects/text/json-fields";
import { elementSpans } from "#lib/dialects/text/list-elements";

const SEARCH = /^web_search_\d{8}$/;
/**
 * Later versions are called by code that runs at Anthropic and filters what is found, unless the request says otherwise
 * (platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool): that code has a price of its own.
 */
const DIRECT_BY_DEFAULT = "web_search_20250305";
const FIELDS: ReadonlySet<string> = new Set([
  "type",
  "name",
  "max_uses",
  "allowed_domains",
  "blocked_domains",
  "user_location",
  "cache_control",
  "allowed_callers",
]);

/**
 * A loop of searches ends after ten readings of the input (platform.claude.com/docs/en/build-with-claude/
 * handling-stop-reasons, `pause_turn`). One beyond `max_uses` is answered by an error that bills nothing, and is read.
 */
const MOST_READINGS_AGAIN = 9;

/** Several searches in one reading are read once. */
export const readingsAgain: Searches["readings"] = (searches) => Math.max(searches, MOST_READINGS_AGAIN);

/** Whether a tool is a search that Claude itself calls, of which all fields are known. */
export function isDirectSearch(tool: JsonObject): boolean {
  const { type, name, max_uses: most, allowed_callers: callers } = tool;
  if (typeof type !== "string" || !SEARCH.test(type) || name !== "web_search") return false;
  if (!Object.keys(tool).every((field) => FIELDS.has(field))) return false;
  const isBounded = !isGiven(most) || (typeof most === "number" && Number.isInteger(most) && most >= 1);
  return isBounded && (isGiven(callers) ? isDirect(callers) : type === DIRECT_BY_DEFAULT);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const isDirect = (callers: unknown): boolean =>
  Array.isArray(callers) && callers.length === 1 && callers[0] === "direct";

/** The client's own bound. */
export const givenBound = ({ max_uses: most }: JsonObject): number | null =>
  typeof most === "number" ? most : null;

/** A body's tools, as text, with another bound on its searches; null if it has none. */
export function toolsWithBound(json: string, tools: FieldSpan | undefined, most: number): string | null {
  if (tools === undefined) return null;
  for (const { start, end } of elementSpans(json, tools.start)) {
    const text = json.slice(start, end);
    const tool: unknown = JSON.parse(text);
    if (!isObject(tool) || !isDirectSearch(tool)) continue;
    const bounded = setFields(text, topLevelFields(text), { max_uses: String(most) });
    return json.slice(tools.start, start) + bounded + json.slice(end, tools.end);
  }
  return null;
}

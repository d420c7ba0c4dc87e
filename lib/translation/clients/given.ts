import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { shownName } from "#lib/dialects/text/named-path";
import {
  type CacheMark,
  type Demand,
  EFFORTS,
  type Effort,
  type Given,
  LONGEST_TOOL_NAME,
  type MediaBlock,
  type Source,
  type Tool,
} from "#lib/translation/turn";

export const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

export const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** The objects of a list, with their places; nothing for what is no list. */
export function objectsIn(value: unknown): readonly (readonly [number, JsonObject])[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const found: [number, JsonObject][] = [];
  for (const [at, item] of items.entries()) if (isObject(item)) found.push([at, item]);
  return found;
}

export const objectOf = (value: unknown): JsonObject | null => (isObject(value) ? value : null);

/** A number of the body, at its name. */
export function givenNumber(body: JsonObject, name: string): Given<number> | null {
  const value = body[name];
  return typeof value === "number" ? { value, at: name } : null;
}

/** An output bound, under the first of the names that has one; zero asks for no answer, and bounds none. */
export const boundIn = (body: JsonObject, ...names: readonly string[]): Given<number> | null =>
  names.map((name) => givenNumber(body, name)).find((bound) => bound !== null && bound.value !== 0) ?? null;

export function givenText(body: JsonObject, name: string): Given<string> | null {
  const value = body[name];
  return typeof value === "string" && value !== "" ? { value, at: name } : null;
}

/** What no wire but the client's own can say. */
type Asides = { offers: string[]; demands: Demand[] };

/** Judges the fields of a body that `Turn` has no place for: those that change the answer, and those that do not. */
export function asidesOf(
  body: JsonObject,
  read: ReadonlySet<string>,
  judge: (name: string, value: unknown, found: Asides) => void,
): Asides {
  const found: Asides = { offers: [], demands: [] };
  for (const [name, value] of Object.entries(body))
    if (!read.has(name) && isGiven(value)) judge(name, value, found);
  return { offers: found.offers.map(shownName), demands: found.demands };
}

/** Of a tool that no wire takes, if its name is too long. */
export const longNameDemand = (at: string): Demand => ({
  at,
  why: `the name of a tool may have ${LONGEST_TOOL_NAME} characters`,
});

/** The tools of a body without those. */
export function shortNamed(tools: readonly Tool[]): { tools: Tool[]; demands: Demand[] } {
  const isLong = ({ name }: Tool) => name.length > LONGEST_TOOL_NAME;
  return {
    tools: tools.filter((tool) => !isLong(tool)),
    demands: tools.filter(isLong).map(({ at }) => longNameDemand(at)),
  };
}

/** A level of effort; others than are known mean the highest that is. */
export function effortOf(value: unknown, at: string): Given<Effort> | null {
  if (typeof value !== "string" || value === "") return null;
  return { value: EFFORTS.find((effort) => effort === value) ?? "high", at };
}

/** A mark on a part to be cached; five minutes unless it says otherwise. */
export function cacheOf({ cache_control: mark }: JsonObject): CacheMark | null {
  if (!isObject(mark)) return null;
  return mark.ttl === "1h" ? "1h" : "5m";
}

const DATA_URL = /^data:([^;,]*)(?:;[^;,]+)*;base64,/i;

/** What a URL refers to: data of its own, or an address. */
export function sourceOfUrl(url: string): Source {
  const [head, mediaType = ""] = DATA_URL.exec(url.slice(0, 500)) ?? [];
  return head === undefined
    ? { kind: "url", url }
    : { kind: "data", mediaType: mediaType.toLowerCase(), base64: url.slice(head.length) };
}

/** How closely a picture is to be looked at, if it is not left to the model. */
export const detailOf = ({ detail }: JsonObject, at: string): Given<string> | null =>
  typeof detail === "string" && detail !== "auto" ? { value: detail, at: `${at}.detail` } : null;

/** A picture, a recording or a document by its source. */
export const media = (
  kind: MediaBlock["kind"],
  source: Source,
  at: string,
  others: Partial<Pick<MediaBlock, "cache" | "title" | "detail" | "isCited">> = {},
): MediaBlock => ({ kind, source, at, cache: null, title: null, detail: null, isCited: false, ...others });

/** Whether a list has anything in it. */
export const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

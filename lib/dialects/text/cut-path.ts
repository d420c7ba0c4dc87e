import { type Cut, cutsOf, type FieldSpan, topLevelFields } from "./json-fields";
import { skipSpace } from "./json-scan";
import { elementSpans } from "./list-elements";

/** Steps into a value: names of fields, and places in lists. */
export type Path = readonly (string | number)[];

/** The steps of a path as `param` has it: `tools[0].type`. */
export const pathOf = (param: string): Path =>
  [...param.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, place, name = ""]) =>
    place === undefined ? name : Number(place),
  );

/** The same as `param` has it. */
export const paramOfPath = (path: Path): string =>
  path.reduce<string>(
    (param, step) => (typeof step === "number" ? `${param}[${step}]` : `${param}${param && "."}${step}`),
    "",
  );

/**
 * A JSON object's text without what is at a path.
 * @returns null if nothing is there
 */
export function withoutPath(json: string, path: Path): string | null {
  let cut: Cut | undefined;
  let start = skipSpace(json, 0);
  for (const step of path) {
    const spans = spansIn(json, start);
    const span = spans.get(step);
    if (span === undefined) return null;
    [cut] = cutsOf([...spans.values()], new Set([span]));
    start = span.start;
  }
  return cut === undefined ? null : json.slice(0, cut.start) + json.slice(cut.end);
}

/**
 * What the value that begins at `start` has: its fields by their names, or its elements by their places.
 * @throws DuplicateField
 */
function spansIn(json: string, start: number): Map<string | number, FieldSpan> {
  if (json[start] === "[") return new Map(elementSpans(json, start).entries());
  if (json[start] !== "{") return new Map();
  const text = json.slice(start);
  return new Map(
    [...topLevelFields(text)].map(([name, span]) => [
      name,
      { name: span.name + start, start: span.start + start, end: span.end + start },
    ]),
  );
}

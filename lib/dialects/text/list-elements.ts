import { type Cut, cutsOf, type FieldSpan, valueEnd } from "./json-fields";
import { skipSpace } from "./json-scan";

/**
 * Where the elements of a list are in a text, as fields without a name.
 * @param from where the list begins
 */
export function elementSpans(json: string, from: number): FieldSpan[] {
  const spans: FieldSpan[] = [];
  for (let start = skipSpace(json, from + 1); isElement(json[start]); ) {
    const end = valueEnd(json, start);
    spans.push({ name: start, start, end });
    const next = skipSpace(json, end);
    start = json[next] === "," ? skipSpace(json, next + 1) : next;
  }
  return spans;
}

const isElement = (first: string | undefined) => first !== undefined && first !== "]";

/** Cuts the elements of a list in these places, each with one comma. */
export function cutsOfElements(json: string, from: number, places: ReadonlySet<number>): Cut[] {
  const spans = elementSpans(json, from);
  return cutsOf(spans, new Set(spans.filter((_, place) => places.has(place))));
}

import { type Cut, type FieldSpan, topLevelFields } from "#lib/dialects/text/json-fields";
import { cutsOfElements, elementSpans } from "#lib/dialects/text/list-elements";
import type { JudgedTools, ToolList } from "./tools";

/** The tools of a body, and where the list is that has them; null: in the body itself. */
export type BodyTools = ToolList & { item: number | null };

/**
 * A body's text without some of its tools.
 * @param drops by the place of a list, and the places in it
 */
export function withoutTools(
  json: string,
  fields: ReadonlyMap<string, FieldSpan>,
  lists: readonly BodyTools[],
  drops: JudgedTools["drops"],
): string {
  // Many items may have tools: their places are looked for once.
  let items: readonly FieldSpan[] | null = null;
  const cuts = drops.flatMap(({ list, places }) => {
    const item = lists[list]?.item ?? null;
    if (item === null) return cutsOfElements(json, fields.get("tools")?.start ?? 0, places);
    items ??= elementSpans(json, fields.get("input")?.start ?? 0);
    const span = items[item];
    return span === undefined ? [] : cutsInItem(json, span, places);
  });
  return without(json, cuts);
}

function cutsInItem(json: string, { start: from, end: to }: FieldSpan, places: ReadonlySet<number>): Cut[] {
  const text = json.slice(from, to);
  const cuts = cutsOfElements(text, topLevelFields(text).get("tools")?.start ?? 0, places);
  return cuts.map(({ start, end }) => ({ start: from + start, end: from + end }));
}

/** @param cuts in any order, without overlaps */
function without(json: string, cuts: readonly Cut[]): string {
  let text = "";
  let from = 0;
  for (const { start, end } of cuts.toSorted((one, other) => one.start - other.start)) {
    text += json.slice(from, start);
    from = end;
  }
  return text + json.slice(from);
}

import { type Cut, cutsOf, type FieldSpan, fieldAt, valueEnd } from "./json-fields";
import { skipSpace } from "./json-scan";

/** What looks at the fields of a value, at any depth, and where it puts the cuts of those to leave out. */
export type FieldWalker = {
  /** Whether to look into the value of a field; `path` ends with its name, and `first` begins its value. */
  enters: (path: readonly string[], first: string | undefined) => boolean;
  /** Called with each field, the inner ones first. Returns whether to leave it out. */
  visit: (path: readonly string[], span: FieldSpan) => boolean;
  cuts: Cut[];
};

/**
 * Walks the fields in the value that begins at `from`, in objects and lists. It reads each character once, however
 * deep the value is, and meets every occurrence of a repeated field. The text must be known to be valid JSON.
 * @param path where the value is
 * @returns the position after the value
 */
export function walkFields(json: string, from: number, path: string[], walker: FieldWalker): number {
  const first = json[from];
  if (first === "{") return walkObject(json, from, path, walker);
  if (first !== "[") return valueEnd(json, from);
  let at = skipSpace(json, from + 1);
  while (at < json.length && json[at] !== "]") {
    at = skipSpace(json, walkFields(json, at, path, walker));
    if (json[at] === ",") at = skipSpace(json, at + 1);
  }
  return at + 1;
}

function walkObject(json: string, from: number, path: string[], walker: FieldWalker): number {
  const spans: FieldSpan[] = [];
  const removed = new Set<FieldSpan>();
  let at = skipSpace(json, from + 1);
  while (json[at] === '"') {
    const { name, start } = fieldAt(json, at);
    path.push(name);
    const end = walker.enters(path, json[start])
      ? walkFields(json, start, path, walker)
      : valueEnd(json, start);
    const span = { name: at, start, end };
    spans.push(span);
    if (walker.visit(path, span)) removed.add(span);
    path.pop();
    at = skipSpace(json, end);
    if (json[at] === ",") at = skipSpace(json, at + 1);
  }
  // One by one: a body may have more than there can be arguments.
  if (removed.size > 0) for (const cut of cutsOf(spans, removed)) walker.cuts.push(cut);
  return at + 1;
}

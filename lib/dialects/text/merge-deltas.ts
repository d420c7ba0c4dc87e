import { isObject, type JsonObject } from "./json-fields";

/** An object that deltas are merged into; nothing in it is shared with a delta. */
export type Merged = Record<string, unknown>;

/** One without a prototype, so that a provider's `__proto__` is a field like any other. */
export const mergedWith = (fields: JsonObject): Merged => Object.assign(Object.create(null), fields);

/** What is known about a dialect's deltas. */
export type DeltaRules = {
  /** Texts that arrive in parts. */
  texts: ReadonlySet<string>;
  /** Lists whose parts say by their `index` which element they belong to. */
  indexed: ReadonlySet<string>;
  /** Such a list with more elements is cut short after one more. */
  mostIndexed: number;
};

/**
 * Merges a delta into what came before. Texts in parts and lists are joined and objects merged; of other values
 * the last counts that says something.
 */
export function mergeDelta(merged: Merged, delta: JsonObject, rules: DeltaRules): void {
  for (const [name, value] of Object.entries(delta)) {
    mergeField(merged, name, value, rules);
  }
}

function mergeField(merged: Merged, name: string, value: unknown, rules: DeltaRules): void {
  const before = merged[name] ?? null;
  if (isObject(value)) {
    const into: Merged = isMerged(before) ? before : mergedWith({});
    mergeDelta(into, value, rules);
    merged[name] = into;
  } else if (Array.isArray(value)) {
    const into: unknown[] = Array.isArray(before) ? before : [];
    if (rules.indexed.has(name)) mergeIndexed(into, value, rules);
    else for (const part of value) into.push(part);
    merged[name] = into;
  } else if (typeof before === "string" && typeof value === "string" && rules.texts.has(name)) {
    merged[name] = before + value;
  } else if (before === null || (value !== null && value !== "")) merged[name] = value;
}

function mergeIndexed(list: unknown[], parts: readonly unknown[], rules: DeltaRules): void {
  for (const part of parts) {
    if (list.length > rules.mostIndexed) return;
    if (!isObject(part)) {
      list.push(part);
      continue;
    }
    const index = typeof part.index === "number" ? part.index : list.length;
    const known = list.findLast((element) => isMerged(element) && element.index === index);
    const into: Merged = isMerged(known) && !isAnother(known, part) ? known : mergedWith({ index });
    if (into !== known) list.push(into);
    mergeDelta(into, part, rules);
  }
}

/** Some providers give every element the same index, but an id of its own. */
const isAnother = (known: JsonObject, part: JsonObject) =>
  isId(known.id) && isId(part.id) && known.id !== part.id;

const isId = (value: unknown) => typeof value === "string" && value !== "";

const isMerged = (value: unknown): value is Merged => isObject(value);

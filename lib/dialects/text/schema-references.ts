import { isObject } from "./json-fields";
import { growthWrittenOut } from "./written-out";

/** Where references lead; some servers look for the last part of the name only. */
const DEFINITIONS = new Set(["$defs", "definitions", "defs"]);
const REFERENCES = ["$ref", "ref"] as const;
/** Beyond so many the provider's memory may end before the schema does. */
const MOST_UNFOLDED = 1_000;
const INDENTATION = 4;
/** Bodies are nested no deeper, but results of calls may be. */
const MOST_LEVELS = 200;
/** Definitions within definitions are measured again: beyond so many characters in all, the schema has no bound. */
const MOST_MEASURED = 8_000_000;

type Reference = { name: string; depth: number };
type Definition = { bytes: number; lines: number; references: readonly Reference[] };

class Unbounded extends Error {
  override name = "Unbounded";
}

/**
 * Bytes that a schema grows by when each of its references is replaced by what it refers to, as LiteLLM and others do
 * for Gemini and Bedrock (github.com/BerriAI/litellm/issues/34328): a definition is not unfolded within itself.
 * @returns null if it grows without a reasonable bound
 */
export function growthByReferences(schema: unknown): number | null {
  try {
    return unfold(schema);
  } catch (error) {
    if (error instanceof Unbounded) return null;
    throw error;
  }
}

/** @throws Unbounded */
function unfold(schema: unknown): number {
  const outermost: Reference[] = [];
  const named = new Map<string, unknown[]>();
  gather(schema, 0, outermost, named);
  if (outermost.length === 0) return 0;
  const measured = new Map<unknown, Definition>();
  const unfolding = new Set<unknown>();
  let characters = 0;
  let unfolded = 0;
  let bytes = 0;

  function definitionOf(value: unknown): Definition {
    const known = measured.get(value);
    if (known !== undefined) return known;
    const json = JSON.stringify(value) ?? "";
    characters += json.length;
    if (characters > MOST_MEASURED) throw new Unbounded();
    const references: Reference[] = [];
    gather(value, 0, references, null);
    const definition = {
      bytes: Buffer.byteLength(json) + growthWrittenOut(json, 0, json.length).bytes,
      lines: json.match(/[[\]{},]/g)?.length ?? 0,
      references,
    };
    measured.set(value, definition);
    return definition;
  }

  function unfoldAll(references: readonly Reference[], depth: number): void {
    for (const reference of references) {
      const at = depth + reference.depth;
      for (const value of named.get(reference.name) ?? [schema]) {
        if (unfolding.has(value)) continue;
        unfolded += 1;
        if (unfolded > MOST_UNFOLDED) throw new Unbounded();
        const definition = definitionOf(value);
        bytes += definition.bytes + definition.lines * at * INDENTATION;
        unfolding.add(value);
        unfoldAll(definition.references, at);
        unfolding.delete(value);
      }
    }
  }

  unfoldAll(outermost, 0);
  return bytes;
}

/** Finds the references in a value, and its definitions by name. */
function gather(
  value: unknown,
  depth: number,
  references: Reference[],
  named: Map<string, unknown[]> | null,
): void {
  if (depth > MOST_LEVELS) throw new Unbounded();
  if (Array.isArray(value)) {
    for (const element of value) gather(element, depth + 1, references, named);
    return;
  }
  if (!isObject(value)) return;
  for (const key of REFERENCES) {
    const given = value[key];
    if (typeof given === "string") references.push({ name: given.slice(given.lastIndexOf("/") + 1), depth });
  }
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (named !== null && DEFINITIONS.has(key) && isObject(field)) addAll(named, field);
    gather(field, depth + 1, references, named);
  }
}

function addAll(named: Map<string, unknown[]>, definitions: object): void {
  for (const [name, value] of Object.entries(definitions)) {
    const same = named.get(name);
    if (same === undefined) named.set(name, [value]);
    else same.push(value);
  }
}

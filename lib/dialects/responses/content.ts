import { isText } from "#lib/dialects/conversation/fault";
import { BYTES_PER_IMAGE } from "#lib/dialects/media/generated-media";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { RareCharacters } from "#lib/dialects/text/rare-characters";
import { sealedBytes } from "#lib/dialects/text/sealed-texts";
import { shownBytes } from "#lib/dialects/text/shown-bytes";

/** Encrypted reasoning, of which an item may show a summary. */
const SEALED = "encrypted_content";

/**
 * Fields of an item that are no output: labels, and what a search has found; and what is encrypted, which is counted
 * apart. All other
 * strings count: a kind of item that Tollgate does not know is likely billed.
 */
const NO_OUTPUT: ReadonlySet<string> = new Set([
  "type",
  "id",
  "call_id",
  "item_id",
  "status",
  "role",
  "phase",
  "annotations",
  "logprobs",
  SEALED,
  "created_by",
]);

/**
 * Bytes, as a text counts (lib/dialects/text/shown-bytes.ts), of what the model generated in an item, a part or a delta:
 * what it shows, or what is encrypted in it, if that is more. No recursion, since it may be nested deep.
 * @param rare gets what its rare characters are beyond that
 */
export function generatedBytes(value: unknown, rare: RareCharacters | null = null): number {
  if (isObject(value) && value.type === "image_generation_call")
    return isText(value.result) ? BYTES_PER_IMAGE : 0;
  const rest: unknown[] = [value];
  let bytes = 0;
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next === "string") bytes += shownBytes(next, rare);
    else if (isObject(next)) for (const field of fieldsOf(next)) rest.push(field);
    else if (Array.isArray(next)) for (const element of next) rest.push(element);
  }
  return bytes + sealedBytes(sealedCharacters(value), bytes);
}

/** Characters of what is encrypted in an item. */
export const sealedCharacters = (item: unknown): number =>
  isObject(item) && isText(item[SEALED]) ? item[SEALED].length : 0;

const fieldsOf = (item: JsonObject): unknown[] =>
  Object.keys(item).flatMap((name) => (NO_OUTPUT.has(name) ? [] : [item[name]]));

/** The items of a response. */
export const outputOf = (response: unknown): readonly unknown[] =>
  isObject(response) && Array.isArray(response.output) ? response.output : [];

/** Reasons to end that are failures. */
const FAILED: ReadonlySet<unknown> = new Set(["failed", "cancelled"]);

/** The error of a response that has failed; null for one that has not. */
export function errorOf(response: JsonObject): JsonObject | null {
  const { error, status } = response;
  if (isObject(error)) return { error };
  return FAILED.has(status) ? { error: { code: "upstream_error" } } : null;
}

import { BYTES_PER_IMAGE } from "#lib/dialects/media/generated-media";
import { isObject } from "#lib/dialects/text/json-fields";
import type { RareCharacters } from "#lib/dialects/text/rare-characters";
import { sealedBytes } from "#lib/dialects/text/sealed-texts";
import { shownBytes } from "#lib/dialects/text/shown-bytes";

/**
 * Fields of a block or a delta that are no output: labels, and what a search has found; and those of encrypted reasoning,
 * which is counted apart. All other strings count: a kind of block that Tollgate does not know is likely billed.
 */
const NO_OUTPUT: ReadonlySet<string> = new Set([
  "type",
  "id",
  "tool_use_id",
  "index",
  "signature",
  "citation",
  "citations",
  "caller",
  "encrypted_content",
]);

/** Blocks that the provider's own tools make. */
const isToolResult = (type: unknown): boolean => typeof type === "string" && type.endsWith("_tool_result");

/** What is encrypted. */
const SEALED = ["signature", "encrypted_content"];
const SEALED_BLOCK = "redacted_thinking";

/** Deeper values are no output of a model. */
const MOST_DEPTH = 64;

/**
 * Bytes, as a text counts (lib/dialects/text/shown-bytes.ts), of what the model generated in a block: what it shows, or
 * what is encrypted in it, if that is more.
 */
export function generatedBytes(block: unknown): number {
  const bytes = shownIn(block);
  return bytes + sealedBytes(sealedCharacters(block), bytes);
}

/** Characters of what is encrypted in a block or a delta. */
export function sealedCharacters(value: unknown): number {
  if (!isObject(value) || isToolResult(value.type)) return 0;
  const names = value.type === SEALED_BLOCK ? [...SEALED, "data"] : SEALED;
  return names.reduce((sum, name) => {
    const text = value[name];
    return typeof text === "string" ? sum + text.length : sum;
  }, 0);
}

/**
 * Bytes of what a block or a delta shows.
 * @param rare gets what its rare characters are beyond that
 */
export function shownIn(value: unknown, rare: RareCharacters | null = null, depth = 0): number {
  if (typeof value === "string") return shownBytes(value, rare);
  if (typeof value === "number" || typeof value === "boolean") return String(value).length;
  if (depth > MOST_DEPTH || typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value))
    return value.reduce<number>((sum, item) => sum + shownIn(item, rare, depth + 1), 0);
  if (isObject(value) && isToolResult(value.type)) return 0;
  if (isObject(value) && value.type === "image" && depth === 0) return BYTES_PER_IMAGE;
  const isSealed = isObject(value) && value.type === SEALED_BLOCK;
  let bytes = 0;
  for (const [name, field] of Object.entries(value)) {
    if (depth === 0 && (NO_OUTPUT.has(name) || (isSealed && name === "data"))) continue;
    // The names of a tool's arguments are generated; those of a block's fields are not.
    if (depth > 0) bytes += shownBytes(name, rare);
    bytes += shownIn(field, rare, depth + 1);
  }
  return bytes;
}

/** The same for the blocks of a message. */
export const generatedIn = (blocks: readonly unknown[]): number =>
  blocks.reduce<number>((sum, block) => sum + generatedBytes(block), 0);

/** Searches in the blocks of a message that have found something, or nothing: one that failed is not billed. */
export const searchesIn = (blocks: readonly unknown[]): number =>
  blocks.filter(
    (block) => isObject(block) && block.type === "web_search_tool_result" && Array.isArray(block.content),
  ).length;

/** The blocks of a message. */
export const blocksOf = (message: unknown): readonly unknown[] =>
  isObject(message) && Array.isArray(message.content) ? message.content : [];

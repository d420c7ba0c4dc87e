import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { blocksOf } from "./content";

/**
 * Anthropic says of citations that they add to the system prompt and to each part that can be cited: a sentence of a
 * text, a block of a search result or of a document in blocks
 * (platform.claude.com/docs/en/build-with-claude/citations). It gives no numbers, so these are ample.
 */
const TOKENS_OF_PROMPT = 1_500;
const TOKENS_PER_PART = 24;
const SENTENCE_ENDS = /[\p{Sentence_Terminal}\r\n]+/gu;

/** Tokens that citations add at most to messages, where all that can be cited is in the body. */
export function citedTokens(messages: readonly JsonObject[]): number {
  let parts = 0;
  for (const message of messages) parts += partsIn(blocksOf(message));
  return parts === 0 ? 0 : TOKENS_OF_PROMPT + parts * TOKENS_PER_PART;
}

/** Whether what citations add to a block is known: they are on or off, and what can be cited is its own text. */
export const hasKnownCitations = (block: JsonObject): boolean =>
  isObject(block.citations) &&
  typeof block.citations.enabled === "boolean" &&
  Object.keys(block.citations).length === 1 &&
  (!block.citations.enabled || citedParts(block) !== null);

function partsIn(blocks: readonly unknown[]): number {
  let parts = 0;
  for (const block of blocks) {
    if (!isObject(block)) continue;
    if (isObject(block.citations) && block.citations.enabled === true) parts += citedParts(block) ?? 0;
    if (Array.isArray(block.content)) parts += partsIn(block.content);
  }
  return parts;
}

/** What can be cited of a block; null if that is not in the body. */
function citedParts({ type, content, source }: JsonObject): number | null {
  if (type === "search_result") return Array.isArray(content) ? Math.max(1, content.length) : null;
  if (type !== "document" || !isObject(source)) return null;
  if (source.type === "text") return typeof source.data === "string" ? sentencesIn(source.data) : null;
  if (source.type !== "content") return null;
  if (typeof source.content === "string") return sentencesIn(source.content);
  return Array.isArray(source.content) ? Math.max(1, source.content.length) : null;
}

function sentencesIn(text: string): number {
  let sentences = 1;
  for (const _ of text.matchAll(SENTENCE_ENDS)) sentences += 1;
  return sentences;
}

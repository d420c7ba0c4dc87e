import { countPieces } from "./reply";

/** Tokens in the text of messages; a part other than text (an image, audio) counts as one. */
export function countPiecesIn(messages: readonly unknown[]): number {
  let pieces = 0;
  for (const message of messages) {
    const content =
      typeof message === "object" && message !== null && "content" in message && message.content;
    if (typeof content === "string") pieces += countPieces(content);
    else if (Array.isArray(content)) for (const part of content) pieces += countPiecesInPart(part);
  }
  return pieces;
}

function countPiecesInPart(part: unknown): number {
  const text = typeof part === "object" && part !== null && "text" in part ? part.text : null;
  return typeof text === "string" ? countPieces(text) : 1;
}

import type { Block, Turn } from "#lib/translation/turn";

/** Beside a document, which needs words. */
export const SEE_DOCUMENT = "See the document.";
/**
 * Whether a request is sent without tools. The API has no form for «none», and takes no calls and results of earlier turns
 * without tools: only without both is it certain that none is called.
 */
export const isToolless = ({ tools, toolChoice }: Turn): boolean =>
  tools.length === 0 || toolChoice?.value.kind === "none";

/** The tool that answers by a schema (tools.ts). */
export const ANSWER_TOOL = "answer";
/** What the tool does that answers by a schema. */
export const ANSWERS = "Answers the user in this form.";

/** A call in words, in a request without tools. */
export const calledInWords = (name: string, args: string): string =>
  `[Called the tool ${name} with ${args || "{}"}]`;
/** What is around its result. */
export const resultInWords = (name: string, isError: boolean): readonly [string, string] => [
  `[The tool ${name} ${isError ? "failed" : "returned"}:`,
  "]",
];

/** The longest name of a tool. */
const LONGEST_NAME = "x".repeat(64);
const CALLED = Buffer.byteLength(calledInWords("", ""));
const RESULT = Buffer.byteLength(resultInWords(LONGEST_NAME, false).join(""));
const DOCUMENT = Buffer.byteLength(SEE_DOCUMENT);
const ANSWER = Buffer.byteLength(ANSWER_TOOL + ANSWERS);

/** The most bytes that the wire writes in words of its own. */
export function converseOwnBytes(turn: Turn): number {
  const isInWords = isToolless(turn);
  const ownIn = ({ kind }: Block): number => {
    if (kind === "document") return DOCUMENT;
    if (!isInWords) return 0;
    return kind === "call" ? CALLED : kind === "result" ? RESULT : 0;
  };
  let bytes = turn.format === null ? 0 : ANSWER;
  for (const { blocks } of turn.messages) for (const block of blocks) bytes += ownIn(block);
  return bytes;
}

import { chatWords } from "./chat/words";
import { converseWords } from "./converse/words";
import type { WireWords } from "./features";
import { geminiWords } from "./gemini/words";
import { messagesWords } from "./messages/words";
import { responsesWords } from "./responses/words";

/** By wire: a line for each. */
export const WIRE_WORDS: Readonly<Record<string, WireWords>> = {
  gemini: geminiWords,
  messages: messagesWords,
  converse: converseWords,
  responses: responsesWords,
  chat: chatWords,
};

/** @throws for a wire without a line above */
export function wordsOf(wire: string): WireWords {
  const words = WIRE_WORDS[wire];
  if (words === undefined) throw new Error(`the wire ${wire} has no words`);
  return words;
}

import { chatWords } from "./chat/words";
import { converseWords } from "./converse/words";
import type { WireWords } from "./features";
import { geminiWords } from "./gemini/words";
import { messagesWords } from "./messages/words";
import { named } from "./named";
import { responsesWords } from "./responses/words";

/** By wire: a line for each. */
const WIRE_WORDS: Readonly<Record<string, WireWords>> = {
  gemini: geminiWords,
  messages: messagesWords,
  converse: converseWords,
  responses: responsesWords,
  chat: chatWords,
};

/** @throws for a wire without a line above */
export const wordsOf = (wire: string): WireWords => named(WIRE_WORDS, wire);

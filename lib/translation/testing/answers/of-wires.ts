import { chatAnswers } from "./chat";
import { converseAnswers } from "./converse";
import { geminiAnswers } from "./gemini";
import { messagesAnswers } from "./messages";
import { responsesAnswers } from "./responses";
import type { WireAnswers } from "./wire-answers";

/** By wire: a line for each. */
export const ANSWERS: Readonly<Record<string, WireAnswers>> = {
  gemini: geminiAnswers,
  messages: messagesAnswers,
  converse: converseAnswers,
  responses: responsesAnswers,
  chat: chatAnswers,
};

import { promptSpans } from "#lib/dialects/conversation/prompt-weight";
import type { Dialect } from "#lib/dialects/dialect";
import { openAiErrors } from "#lib/dialects/errors/openai";
import { chatAssembler, splitChat } from "./answer-forms";
import { editChat } from "./edit";
import { chatEvents } from "./events";
import { parseChat } from "./parse";
import { chatPrompt, chatPromptTexts } from "./prompt";
import { refusedChatField } from "./refused";
import { readWholeChat } from "./whole";

/** OpenAI's chat completions. */
export const chat: Dialect = {
  name: "chat",
  endpoint: "chat/completions",
  promptField: "messages",
  parse: parseChat,
  edit: editChat,
  prompt: chatPrompt,
  promptSpans,
  promptTexts: chatPromptTexts,
  events: chatEvents,
  readWhole: readWholeChat,
  assembler: chatAssembler,
  split: splitChat,
  refusedField: refusedChatField,
  errors: openAiErrors,
};

import { editRequest } from "#lib/dialects/choices/edit";
import { choiceEvents } from "#lib/dialects/choices/events";
import { refusedField } from "#lib/dialects/choices/refused";
import { readWholeChoices } from "#lib/dialects/choices/whole";
import { promptSpans } from "#lib/dialects/conversation/prompt-weight";
import type { Dialect } from "#lib/dialects/dialect";
import { openAiErrors } from "#lib/dialects/errors/openai";
import { openAiHeaders } from "#lib/dialects/headers/openai";
import { chatAssembler, splitChat } from "./answer-forms";
import { parseChat } from "./parse";
import { chatPrompt, chatPromptTexts } from "./prompt";

/** OpenAI's chat completions. */
export const chat: Dialect = {
  name: "chat",
  endpoint: "chat/completions",
  promptField: "messages",
  windowHoldsBound: true,
  parse: parseChat,
  readHeaders: openAiHeaders,
  edit: editRequest,
  prompt: chatPrompt,
  promptSpans,
  promptTexts: chatPromptTexts,
  events: choiceEvents,
  readWhole: readWholeChoices,
  assembler: chatAssembler,
  split: splitChat,
  refusedField: refusedField,
  pastReasoning: null,
  errors: openAiErrors,
  counting: null,
};

import { promptSpans } from "#lib/dialects/conversation/prompt-weight";
import type { Dialect } from "#lib/dialects/dialect";
import { anthropicErrors } from "#lib/dialects/errors/anthropic";
import { anthropicHeaders } from "#lib/dialects/headers/anthropic";
import { messageAssembler, splitMessage } from "./answer-forms";
import { messagesCounting } from "./counting";
import { editMessages, leftOutFor } from "./edit";
import { messagesEvents } from "./events";
import { parseMessages } from "./parse";
import { pastThinking } from "./past-thinking";
import { messagesPrompt, messagesPromptTexts } from "./prompt";
import { readWholeMessage } from "./whole";

/** Anthropic's messages. */
export const messages: Dialect = {
  name: "messages",
  endpoint: "messages",
  promptField: "messages",
  windowHoldsBound: false,
  parse: parseMessages,
  readHeaders: anthropicHeaders,
  edit: editMessages,
  leftOutFor,
  prompt: messagesPrompt,
  promptSpans,
  promptTexts: messagesPromptTexts,
  events: messagesEvents,
  readWhole: readWholeMessage,
  assembler: messageAssembler,
  split: splitMessage,
  // All servers of the dialect read the bound by its own name, and report the usage unasked.
  refusedField: () => null,
  pastReasoning: pastThinking,
  errors: anthropicErrors,
  counting: messagesCounting,
};

import { promptSpans } from "#lib/dialects/conversation/prompt-weight";
import type { Dialect } from "#lib/dialects/dialect";
import { openAiErrors } from "#lib/dialects/errors/openai";
import { codexHeaders } from "#lib/dialects/headers/openai";
import { responseAssembler, splitResponse } from "./answer-forms";
import { editResponses, refusedResponsesField } from "./edit";
import { responsesEvents } from "./events";
import { parseResponses } from "./parse";
import { pastItems } from "./past-reasoning";
import { responsesPrompt, responsesPromptTexts } from "./prompt";
import { readWholeResponse } from "./whole";

/** OpenAI's responses: items in, items out, and nothing kept at the provider. */
export const responses: Dialect = {
  name: "responses",
  endpoint: "responses",
  promptField: "input",
  windowHoldsBound: true,
  parse: parseResponses,
  readHeaders: codexHeaders,
  edit: editResponses,
  prompt: responsesPrompt,
  promptSpans,
  promptTexts: responsesPromptTexts,
  events: responsesEvents,
  readWhole: readWholeResponse,
  assembler: responseAssembler,
  split: splitResponse,
  refusedField: refusedResponsesField,
  pastReasoning: pastItems,
  errors: openAiErrors,
  counting: null,
};

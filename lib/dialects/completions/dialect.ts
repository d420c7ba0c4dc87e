import { editRequest } from "#lib/dialects/choices/edit";
import { choiceEvents } from "#lib/dialects/choices/events";
import { refusedField } from "#lib/dialects/choices/refused";
import { readWholeChoices } from "#lib/dialects/choices/whole";
import type { Dialect } from "#lib/dialects/dialect";
import { openAiErrors } from "#lib/dialects/errors/openai";
import { openAiHeaders } from "#lib/dialects/headers/openai";
import { completionAssembler, splitCompletion } from "./answer-forms";
import { parseCompletion } from "./parse";
import { completionPrompt, completionPromptSpans, completionPromptTexts } from "./prompt";

/** OpenAI's legacy completions: prompts, and texts that continue them. */
export const completions: Dialect = {
  name: "completions",
  endpoint: "completions",
  promptField: "prompt",
  windowHoldsBound: true,
  readHeaders: openAiHeaders,
  parse: parseCompletion,
  edit: editRequest,
  prompt: completionPrompt,
  promptSpans: completionPromptSpans,
  promptTexts: completionPromptTexts,
  events: choiceEvents,
  readWhole: readWholeChoices,
  assembler: completionAssembler,
  split: splitCompletion,
  refusedField,
  pastReasoning: null,
  errors: openAiErrors,
  counting: null,
};

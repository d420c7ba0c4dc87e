import { setBoundedFields } from "#lib/dialects/bounds/set-output-bound";
import type { Call } from "#lib/dialects/call";
import type { Dialect, PromptWeight } from "#lib/dialects/dialect";
import { openAiErrors, openAiFailedEvent } from "#lib/dialects/errors/openai";
import { reportedError } from "#lib/dialects/errors/reported-error";
import type { EventReader } from "#lib/dialects/events/stream-meter";
import { openAiHeaders } from "#lib/dialects/headers/openai";
import { givenPrompts } from "#lib/dialects/text/given-prompts";
import { parsedJson } from "#lib/http/parsed-json";
import { parseEmbeddings } from "./parse";
import { readWholeEmbeddings } from "./whole";

const NO_BOUND = { tokens: null, field: null };

/** An error is all that can be read of a provider that streams instead; a longer event is none. */
const MAX_ERROR_BYTES = 64 * 1024;

/** 2 048 inputs with 3 072 numbers each, one to a line with its indentation as OpenAI writes them, are 195 MB. */
const MOST_ANSWER_BYTES = 256 * 1024 * 1024;

const onlyErrors: EventReader = {
  names: new Set(),
  read: (meter, payload) => {
    const value = parsedJson(payload.toString("utf8", 0, MAX_ERROR_BYTES));
    const error = reportedError(value, false);
    meter.fault = error === null ? { kind: "broken" } : { kind: "provider_error", detail: error };
    return "drop";
  },
  terminal: () => Buffer.alloc(0),
  failed: openAiFailedEvent,
};

/** OpenAI's embeddings: an input, and a list of vectors for it. */
export const embeddings: Dialect = {
  name: "embeddings",
  endpoint: "embeddings",
  promptField: "input",
  windowHoldsBound: true,
  parse: parseEmbeddings,
  readHeaders: openAiHeaders,
  edit: (call, { upstreamModel }) => {
    const values: Record<string, string> = {};
    if (call.model !== upstreamModel) values.model = JSON.stringify(upstreamModel);
    return setBoundedFields(call, values, NO_BOUND);
  },
  prompt: (call): PromptWeight => {
    const { texts, tokens } = inputOf(call);
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    return { texts: [...texts], structureTokens: tokens, characters };
  },
  promptSpans: ({ fields }) => {
    const input = fields.get("input");
    return { spans: input === undefined ? [] : [input], tokensPerContainer: 0, tokensPerField: 0 };
  },
  promptTexts: (call) => inputOf(call).texts,
  events: onlyErrors,
  mostAnswerBytes: MOST_ANSWER_BYTES,
  readWhole: readWholeEmbeddings,
  assembler: () => ({ add: () => {}, whole: () => null }),
  split: () => null,
  refusedField: () => null,
  pastReasoning: null,
  errors: openAiErrors,
  counting: null,
};

function inputOf({ json }: Call) {
  const body: { input?: unknown } = JSON.parse(json);
  return givenPrompts(body.input, "input", false);
}

import { ASKS_EVERYTHING, ASKS_NOTHING } from "#lib/credit/prices/meters";
import { NO_OUTPUT_BOUNDS, readLimits } from "#lib/dialects/bounds/read-limits";
import { NOTHING_ASKED } from "#lib/dialects/bounds/reasoning-settings";
import { type Call, NO_CALL_GROWTH, NOTHING_DROPPED } from "#lib/dialects/call";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import { NO_MEDIA } from "#lib/dialects/media/media";
import { tokenEstimate } from "#lib/dialects/text/estimate-tokens";
import { givenPrompts } from "#lib/dialects/text/given-prompts";
import { parseBody } from "#lib/dialects/text/parse-object";
import { NO_REWRITING } from "#lib/dialects/text/rewritten-json";

const KNOWN = new Set(["model", "input", "encoding_format", "dimensions", "user"]);
const isOwn = (name: string) => KNOWN.has(name);
const READ = { isRead: isOwn, inside: {} };
const LONGEST_NAME = 256;
/**
 * A text that servers read as a picture, a film or a document: LiteLLM for Jina, Cohere and Gemini, of which it also
 * takes what is stored at Google (docs.litellm.ai/blog/gemini_embedding_2_ga), and NVIDIA's NV-CLIP.
 */
const MEDIUM = /^\s*(?:data:|(?:gs|s3):\/\/|files\/[\w-]{1,100}\s*$)/i;
/**
 * Parses and checks the body of an embedding. Nothing is added to it: what the client leaves out, the provider decides.
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export function parseEmbeddings(json: string): Call {
  const { body, fields } = parseBody(json, READ);
  const { param, scalarBytes, fields: unknownFields } = readLimits(json, fields, isOwn).unknown;
  const { model } = body;
  if (typeof model !== "string" || model === "" || model.length > LONGEST_NAME)
    throw invalidField("model", "must be the name of a model");
  if (body.stream === true) throw invalidField("stream", "must be left out: an embedding is not streamed");
  const { prompts, texts, tokens } = givenPrompts(body.input, "input", false);
  const unboundedParam = param ?? (texts.some((text) => MEDIUM.test(text)) ? "input" : null);
  const estimate = tokenEstimate();
  for (const text of texts) estimate.add(text);
  return {
    json,
    fields,
    model,
    stream: false,
    maxOutputTokens: null,
    defaultOutputTokens: null,
    outputBounds: NO_OUTPUT_BOUNDS,
    predictedTexts: [],
    reasoning: NOTHING_ASKED,
    unknownFields,
    answers: 0,
    withheldAnswers: 0,
    echoedTokens: 0,
    prompts,
    messageCount: prompts,
    givenTokens: tokens,
    hasTools: false,
    mayGetTools: false,
    runByProxy: null,
    textTokens: estimate.tokens() + tokens,
    growth: scalarBytes === 0 ? NO_CALL_GROWTH : { ...NO_CALL_GROWTH, scalarBytes },
    media: unboundedParam === null ? NO_MEDIA : { ...NO_MEDIA, unboundedParam, mayHaveSound: true },
    rewriting: () => NO_REWRITING,
    asks: unboundedParam === null ? ASKS_NOTHING : ASKS_EVERYTHING,
    searches: null,
    passUsage: false,
    dropped: NOTHING_DROPPED,
  };
}

import type { Media } from "#lib/dialects/media/media";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import { hostOf, isWithin } from "#lib/providers/host-of";
import type { Target } from "#lib/providers/wire";
import { isOfXai } from "#lib/providers/xai";
import { isMakers } from "./makers";

const OPENROUTER_MODEL = /^openrouter\//;
/** LiteLLM's and Cloudflare's names for models at Mistral, and Mistral's own, which its open models do not have. */
const MISTRAL_MODEL = /^(?:mistral|codestral)\/|\/mistral\//;
const MISTRALS_NAME =
  /(?:^|\/)(?:open-)?(?:mistral|ministral|magistral|pixtral|codestral|devstral|voxtral)-(?:[a-z0-9]+-)*(?:latest|\d{4})$/;

/**
 * Models that read files themselves at OpenRouter (`input_modalities` of openrouter.ai/api/v1/models). Others that may
 * do so are left out where that is not certain: small and old Claudes, and models for search, sound, code or pictures.
 */
const READS_FILES: readonly RegExp[] = [
  /anthropic\/claude-(?:3\.5-sonnet|3\.7-sonnet|(?:sonnet|opus)-\d)/,
  /google\/gemini-(?:2\.[05]|[3-9])/,
  /openai\/(?:gpt-4o|gpt-4\.1|gpt-5|o3|o4)/,
];
const MAY_NOT_READ_FILES = /search|audio|codex|image|oss|realtime|deep-research/;

/**
 * The field with a document that a service reads for a model, for a fee that is neither held nor reported in tokens.
 * OpenRouter does so for models that read no files: by Mistral's OCR at $2 per 1 000 pages
 * (openrouter.ai/docs/features/multimodal/pdfs, "this feature works on any model"). At xAI each file makes the model
 * search it as often as it likes, at $10 per 1 000 searches and with the input of each step (docs.x.ai/developers/files). Mistral
 * combines its OCR, which has a price by the page, with the model (docs.mistral.ai/studio/document-processing/document-qna).
 * Parts that Tollgate does not know may be documents.
 * @returns null if there is none
 */
export function paidReadingParam(media: Media, { routes }: Pick<Model, "routes">): string | null {
  if (media.fileParam === null && media.unboundedParam === null) return null;
  for (const { target } of routes) {
    const isSearched = isOfXai(target);
    // Whatever is in a file: its text is searched, too, or has pages. Mistral hears recordings by URL.
    if ((isSearched || isOfMistral(target)) && media.fileParam !== null) return media.fileParam;
    if (media.unboundedParam !== null && (isSearched || isReadByOpenRouter(target)))
      return media.unboundedParam;
  }
  return null;
}

/** The rejection under a hard budget. */
export const paidReading = (param: string): ApiError =>
  new ApiError(
    "invalid_request",
    `The provider may have '${param}' read by a service that is billed apart from the tokens of the request, which a hard budget cannot cover. Send its text instead, or use a model that reads files itself.`,
    { param },
  );

type Where = Pick<Target, "baseUrl" | "upstreamModel">;

/** Clouds that serve Mistral's models have no OCR before them. */
function isOfMistral(target: Where): boolean {
  const name = nameOf(target);
  if (isWithin(hostOf(target.baseUrl), ["mistral.ai"]) || MISTRAL_MODEL.test(name)) return true;
  return MISTRALS_NAME.test(name) && !isMakers(target.baseUrl);
}

function isReadByOpenRouter(target: Where): boolean {
  const name = nameOf(target);
  if (!isAtOpenRouter(target)) return false;
  return MAY_NOT_READ_FILES.test(name) || !READS_FILES.some((model) => model.test(name));
}

const isAtOpenRouter = (target: Where): boolean =>
  isWithin(hostOf(target.baseUrl), ["openrouter.ai"]) || OPENROUTER_MODEL.test(nameOf(target));

const nameOf = ({ upstreamModel }: Where): string => upstreamModel.toLowerCase();

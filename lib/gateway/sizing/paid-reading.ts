import type { Media } from "#lib/dialects/media/media";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import type { Target } from "#lib/providers/wire";

const OPENROUTER_MODEL = /^openrouter\//;
/** Also at a proxy, whose name for the model says where it goes. */
const XAI_MODEL = /^(?:xai|x-ai)\/|\/(?:xai|x-ai)\/|grok-/;

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
 * search it as often as it likes, at $10 per 1 000 searches and with the input of each step (docs.x.ai/developers/files).
 * Parts that Tollgate does not know may be documents.
 * @returns null if there is none
 */
export function paidReadingParam(
  { unboundedParam }: Media,
  { routes }: Pick<Model, "routes">,
): string | null {
  if (unboundedParam === null) return null;
  return routes.some(({ target }) => mayReadForFee(target)) ? unboundedParam : null;
}

/** The rejection under a hard budget. */
export const paidReading = (param: string): ApiError =>
  new ApiError(
    "invalid_request",
    `The provider may have '${param}' read by a service that is billed apart from the tokens of the request, which a hard budget cannot cover. Send its text instead, or use a model that reads files itself.`,
    { param },
  );

function mayReadForFee({ baseUrl, upstreamModel }: Pick<Target, "baseUrl" | "upstreamModel">): boolean {
  const name = upstreamModel.toLowerCase();
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : "";
  if (isAt(host, "x.ai")) return true;
  if (!isAt(host, "openrouter.ai") && !OPENROUTER_MODEL.test(name)) return XAI_MODEL.test(name);
  return MAY_NOT_READ_FILES.test(name) || !READS_FILES.some((model) => model.test(name));
}

const isAt = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

import type { Media } from "#lib/dialects/media/media";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import type { Target } from "#lib/providers/wire";

const OPENROUTER_MODEL = /^openrouter\//;

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
 * (openrouter.ai/docs/features/multimodal/pdfs, "this feature works on any model"). Parts that Tollgate does not know
 * may be documents.
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
    `The provider may have '${param}' read by a service that is billed by the page, which a hard budget cannot cover. Send its text instead, or use a model that reads files itself.`,
    { param },
  );

function mayReadForFee({ baseUrl, upstreamModel }: Pick<Target, "baseUrl" | "upstreamModel">): boolean {
  const name = upstreamModel.toLowerCase();
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : "";
  const isOpenRouter =
    host === "openrouter.ai" || host.endsWith(".openrouter.ai") || OPENROUTER_MODEL.test(name);
  if (!isOpenRouter) return false;
  return MAY_NOT_READ_FILES.test(name) || !READS_FILES.some((model) => model.test(name));
}

import type { Media } from "#lib/dialects/media/media";
import type { Model } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import { hostOf } from "#lib/providers/host-of";
import type { Target } from "#lib/providers/wire";
import { hasSound } from "./sound";

const BILLING_HOST = /(?:^|\.)(?:openrouter|mistral)\.ai$/;
const AT_SUCH_A_HOST = /^(?:openrouter|mistral)\//;
const HEARS = /voxtral/;

/**
 * Whether a call has a recording that one of the routes bills by the second, and whose price has no rate for it: at the
 * input's rate, Voxtral's $100 per million seconds would be held and charged as an eightieth (openrouter.ai/mistralai/
 * voxtral-small-24b-2507). What the provider fetches may be a recording for a model that hears.
 */
export function isAudioUnpriced(
  media: Pick<Media, "mostAudioSeconds" | "hasUnmeasuredSound" | "unboundedParam">,
  { routes }: Pick<Model, "routes">,
): boolean {
  const isHeard = hasSound(media);
  if (!isHeard && media.unboundedParam === null) return false;
  return routes.some(
    ({ target, rates }) =>
      (isHeard || HEARS.test(target.upstreamModel.toLowerCase())) &&
      billsByTime(target) &&
      !rates.given.has("inputAudioPerMtok"),
  );
}

/** The rejection under a hard budget. */
export const audioUnpriced = (param: string): ApiError =>
  new ApiError(
    "invalid_request",
    `The provider bills recordings by the second, and this model's price has no rate for them, so a hard budget cannot cover those in '${param}'. Send their text instead, or ask an administrator to set input_audio_per_mtok in the model's price.`,
    { param },
  );

function billsByTime({ baseUrl, upstreamModel }: Pick<Target, "baseUrl" | "upstreamModel">): boolean {
  return BILLING_HOST.test(hostOf(baseUrl)) || AT_SUCH_A_HOST.test(upstreamModel.toLowerCase());
}

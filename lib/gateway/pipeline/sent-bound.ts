import type { Route } from "#lib/gateway/routing/routing";
import type { Bounding } from "#lib/translation/translation";
import type { Admission } from "./admission";

/** For a wire that requires a bound, where nothing says how much its model can make: most can make more. */
const DEFAULT_MAX_TOKENS = 8_192;

type Bounded = Pick<Admission, "call" | "outputLimit"> & {
  model: Pick<Admission["model"], "maxOutputTokens">;
};

/** What bounds a translated request. */
export const boundingOf = (
  { maxOutputTokens }: Bounded["model"],
  outputLimitTokens: number | null,
): Bounding => ({
  outputLimitTokens,
  mostTokens: maxOutputTokens,
  defaultMaxTokens: maxOutputTokens ?? DEFAULT_MAX_TOKENS,
});

/** The output bound of each answer that was sent, if it is below what the client asked for; null besides. */
export function lowerBoundSent(
  { call, model, outputLimit }: Bounded,
  { translation }: Pick<Route, "translation">,
): number | null {
  if (translation === null) return outputLimit?.lowered ? outputLimit.tokens : null;
  const sent = translation.bound(call, boundingOf(model, outputLimit?.tokens ?? null));
  const asked = call.maxOutputTokens ?? model.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  return sent !== null && sent < asked ? sent : null;
}

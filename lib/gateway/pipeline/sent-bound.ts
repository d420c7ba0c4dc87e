import type { Route } from "#lib/gateway/routing/routing";
import { defaultOutputBound } from "#lib/gateway/sizing/estimate";
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

/**
 * The output tokens per answer to hold for: what the client asks for, or what its model can make if each of the routes
 * sends no more than that. Reasoning that only the client's own bound holds is covered by that.
 */
export function outputToHoldFor({
  call,
  model,
  routes,
}: Pick<Bounded, "call" | "model"> & { routes: readonly Pick<Route, "translation">[] }): number {
  const asked = call.maxOutputTokens ?? defaultOutputBound(call, model);
  const most = model.maxOutputTokens;
  if (most === null || asked <= most || call.reasoning.withinBoundTokens >= most) return asked;
  const bounding = boundingOf(model, null);
  const isSentBelow = ({ translation }: Pick<Route, "translation">) =>
    translation !== null && (translation.bound(call, bounding) ?? Number.POSITIVE_INFINITY) <= most;
  return routes.every(isSentBelow) ? most : asked;
}

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

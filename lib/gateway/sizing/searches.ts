import { hasCallRate } from "#lib/credit/prices/price";
import { unsupported } from "#lib/dialects/bounds/param-of";
import type { Call } from "#lib/dialects/call";
import { furtherReadings, whyApart } from "#lib/dialects/searches";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { knownWindow } from "./held-window";

type Searching = {
  routes: readonly Pick<Route, "wire" | "rates" | "translation" | "contextWindow">[];
};

/**
 * Whether requests for a model may have its provider search: whichever route serves them, a search has a rate, their
 * number a bound that is kept, and what is read anew for each an end.
 */
export const maySearch = ({ routes }: Searching): boolean =>
  knownWindow(routes) !== null &&
  routes.length > 0 &&
  routes.every(
    ({ wire, rates, translation }) =>
      translation === null && wire.keepsSearchBound === true && hasCallRate(rates, "webSearchPerCall"),
  );

/** Input tokens that the provider reads besides those of the body: its window, for each time that it reads on. */
export function furtherInputTokens(call: Call, { routes }: Pick<Model, "routes">): number {
  const readings = furtherReadings(call);
  if (readings === 0) return 0;
  const window = knownWindow(routes);
  if (window === null) throw new Error("a search was admitted without a context window");
  return readings * window;
}

/**
 * The call as a model may serve it, if its rate for searches is gone since the call was parsed: without those that it
 * offers.
 * @throws ApiError unsupported_parameter for searches that it demands
 */
export function searchableCall(call: Call, model: Searching): Call {
  const { searches } = call;
  if (searches === null || maySearch(model)) return call;
  if (searches.without !== null) return searches.without();
  throw unsupported(searches.param, whyApart("web_search"));
}

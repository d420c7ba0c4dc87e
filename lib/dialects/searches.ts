import type { Call } from "./call";

/** Whether a model's searches of the web have a rate and a bound, by the name that a body gives it. */
export type MaySearch = (model: string) => boolean;

export const NEVER_SEARCHES: MaySearch = () => false;

/** Why a tool of the provider's own is not supported. */
export const APART = "a provider's own tools are billed separately from tokens.";
const UNPRICED_SEARCH =
  "this model's price has no web_search_per_call, it has no context_window, or its provider keeps no bound on searches (ask an administrator).";
const UNKNOWN_SEARCH =
  "this model may search, but not by this version of the tool, or with a field that Tollgate does not know.";

/**
 * The same, by the tool's type.
 * @param maySearch whether the model's searches have a rate and a bound
 */
export function whyApart(type: unknown, maySearch = false): string {
  if (typeof type !== "string" || !type.startsWith("web_search")) return APART;
  return maySearch ? UNKNOWN_SEARCH : UNPRICED_SEARCH;
}

/** How often a provider may search if the client does not say. */
export const DEFAULT_SEARCHES = 5;
/** A client's larger bound is lowered to it. */
const MOST_SEARCHES = 100;

/** The number of searches to hold for. */
export const searchesFor = (given: number | null): number =>
  Math.min(given ?? DEFAULT_SEARCHES, MOST_SEARCHES);

type Searching = Pick<Call, "asks" | "searches">;

/** How often its provider may read the input of a call again. */
export const furtherReadings = ({ asks, searches }: Searching): number =>
  searches === null ? 0 : searches.readings(asks.webSearches);

/** How often its provider may generate as much as the output bound. */
export const outputsOf = (call: Searching & Pick<Call, "answers">): number =>
  call.searches?.boundEach ? call.answers * (1 + furtherReadings(call)) : call.answers;

/** The call with fewer searches. */
export const withSearches = (call: Call, webSearches: number): Call => ({
  ...call,
  asks: { ...call.asks, webSearches },
});

import { type JsonLimits, jsonCostWatch, rejectCostlyJson as rejectBeyond } from "#lib/http/json-cost";

/**
 * A conversation of a million tokens has tens of thousands of values; parsing a full body of brackets would take
 * seconds and a gigabyte. The depth is far beyond any schema, and far from overflowing the stack.
 */
export const MOST_JSON: JsonLimits = { values: 250_000, depth: 200 };
/** A shorter text cannot be costly. */
export const HARMLESS_CHARACTERS = 2_000;

/** Of a provider's event: one with the probabilities of a long text has twenty alternatives for each token. */
export const MOST_EVENT_JSON: JsonLimits = { values: 1_500_000, depth: 200 };

/**
 * Rejects a body or an event that would be costly to parse.
 * @throws ApiError invalid_request
 */
export function rejectCostlyJson(json: string): void {
  if (json.length > HARMLESS_CHARACTERS) rejectBeyond(json, MOST_JSON);
}

/** The same for a body that arrives in parts, which need not be harmless if it is short. */
export const bodyCostWatch = () => jsonCostWatch(MOST_JSON);

import { inputTokenBound } from "#lib/gateway/sizing/estimate";
import { isUnbounded } from "#lib/gateway/sizing/media-tokens";
import type { Admission } from "./admission";
import type { Flight } from "./flight";

/**
 * Input tokens that a provider bills, if it does not report them. Of what it fetches or unpacks only the context
 * window is certain: under a hard budget that is charged where a client can have caused that the report is missing,
 * by hanging up or by an answer that takes too long.
 * @param errorCode how the request ended; null for a whole answer
 */
export function likelyInputTokens(
  { admission, disconnect }: Pick<Flight, "admission" | "disconnect">,
  errorCode: string | null,
): number {
  const isCutByUs = disconnect.isGone() || errorCode === "upstream_timeout";
  return isCutByUs && isUnknown(admission)
    ? inputTokenBound(admission.call, admission.model)
    : admission.inputTokenEstimate;
}

/**
 * Whether only the provider's report can say how large the input is of a request under a hard budget, or under the
 * allowance for outages.
 */
export const isUnknown = ({
  hasBudget,
  failOpen,
  call,
  routes,
}: Pick<Admission, "hasBudget" | "failOpen" | "call" | "routes">): boolean =>
  (hasBudget || failOpen) && isUnbounded(call, routes);

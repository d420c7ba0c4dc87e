import { inputTokenBound } from "#lib/gateway/sizing/estimate";
import { isUnbounded } from "#lib/gateway/sizing/media-tokens";
import type { Admission } from "./admission";
import type { Flight } from "./flight";

/**
 * Input tokens that a provider bills, if it does not report them. Of what it fetches or unpacks only the context
 * window is certain, so a client under a hard budget that hangs up before the usage has arrived pays for that.
 */
export function likelyInputTokens({
  admission,
  disconnect,
}: Pick<Flight, "admission" | "disconnect">): number {
  return disconnect.isGone() && isUnknown(admission)
    ? inputTokenBound(admission.call, admission.model)
    : admission.inputTokenEstimate;
}

/** Whether only the provider's report can say how large the input of a request under a hard budget is. */
export const isUnknown = ({
  hasBudget,
  call,
  routes,
}: Pick<Admission, "hasBudget" | "call" | "routes">): boolean => hasBudget && isUnbounded(call, routes);

import type { Progress } from "#lib/credit/ledger/instance";
import type { PicoUsd } from "#lib/credit/money";
import { costPicoUsd } from "#lib/credit/prices/price";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Route } from "#lib/gateway/routing/routing";
import { estimateAudioTokens } from "#lib/gateway/sizing/media-tokens";
import type { Admission } from "./admission";
import { isUnknown, usageIfWritten, withDearestOutput } from "./likely-input";
import { billsOn, sweepMargin } from "./likely-output";

/** A request that is held, and the route that has it. */
type Held = Pick<
  Admission,
  "call" | "hasBudget" | "failOpen" | "routes" | "inputTokenEstimate" | "inputTokenBound"
>;
type Output = { likelyTokens: number; mostTokens: number };
type IfSwept = Omit<Progress, "id"> & { ifSweptInputTokens: number };

/**
 * What a sweep charges if this process dies now: what a settlement would charge for an answer that Tollgate stops
 * reading, and a margin until the next heartbeat. A process that is only frozen settles later, and what the sweep left
 * out has been granted to others by then: so where a budget must cover it, input that only a report can tell counts up to
 * its bound, and so does the output of a provider that goes on; and so does a text of which an estimate, which reads parts of
 * it, says so little that a client may have made it for that. What the request asks to cache is written.
 * @param output.mostTokens infinite for an answer without a bound
 * @param earlierPicoUsd what failed targets bill
 */
export function ifSwept(
  gateway: Pick<Gateway, "pace">,
  held: Held,
  route: Route,
  { likelyTokens, mostTokens }: Output,
  earlierPicoUsd: PicoUsd,
): IfSwept {
  const isAtBound = isUnknown(held) || isFarBelowBound(held);
  const inputTokens = isAtBound ? held.inputTokenBound : held.inputTokenEstimate;
  const outputTokens = billsOn(held, route)
    ? mostTokens
    : Math.min(likelyTokens + sweepMargin(gateway, held, route), mostTokens);
  const audioTokens = estimateAudioTokens(held.call.media, route.target.upstreamModel);
  const written = usageIfWritten(held.call, route, { inputTokens, audioTokens }, outputTokens);
  const usage = held.hasBudget || held.failOpen ? withDearestOutput(written, held.call, route) : written;
  return {
    ifSweptPicoUsd: costPicoUsd(usage, route.rates) + earlierPicoUsd,
    ifSweptInputTokens: inputTokens,
    ifSweptOutputTokens: outputTokens,
  };
}

/** Most texts are held at four times what is estimated. */
const MOST_TIMES_ESTIMATE = 6;
/** What is added to a small request may be many times its texts. */
const SMALL_TOKENS = 4_000;

const isFarBelowBound = ({ hasBudget, failOpen, inputTokenEstimate, inputTokenBound }: Held): boolean =>
  (hasBudget || failOpen) && inputTokenBound > MOST_TIMES_ESTIMATE * inputTokenEstimate + SMALL_TOKENS;

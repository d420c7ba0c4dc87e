import type { Progress } from "#lib/credit/ledger/instance";
import type { PicoUsd } from "#lib/credit/money";
import { costPicoUsd } from "#lib/credit/prices/price";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Route } from "#lib/gateway/routing/routing";
import { chargedAudioTokens, estimateAudioTokens, isUnbounded } from "#lib/gateway/sizing/media-tokens";
import { dearerAsSound } from "#lib/gateway/sizing/sound";
import type { Admission } from "./admission";
import { usageIfWritten, withDearestOutput } from "./likely-input";
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
 * out has been granted to others by then; one that was killed never settles. So where a budget must cover it, input counts up
 * to its bound, since clients can write texts of several times the tokens that an estimate says, and so does the output of a
 * provider that goes on. What the request asks to cache is written.
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
  const isCovered = held.hasBudget || held.failOpen;
  const inputTokens = isCovered ? held.inputTokenBound : held.inputTokenEstimate;
  const outputTokens = billsOn(held, route)
    ? mostTokens
    : Math.min(likelyTokens + sweepMargin(gateway, held, route), mostTokens);
  const audioTokens = isCovered ? mostAudio(held, route) : likelyAudio(held, route);
  const written = usageIfWritten(held.call, route, { inputTokens, audioTokens }, outputTokens);
  const usage = isCovered ? withDearestOutput(written, held.call, route) : written;
  return {
    ifSweptPicoUsd: costPicoUsd(usage, route.rates) + earlierPicoUsd,
    ifSweptInputTokens: inputTokens,
    ifSweptOutputTokens: outputTokens,
  };
}

const likelyAudio = ({ call }: Held, { target }: Route): number =>
  estimateAudioTokens(call.media, target.upstreamModel);

/** What is unbounded may all be sound. */
const mostAudio = ({ call, inputTokenBound }: Held, route: Route): number =>
  isUnbounded(call, [route])
    ? dearerAsSound(inputTokenBound, route)
    : chargedAudioTokens(call.media, route.target.upstreamModel);

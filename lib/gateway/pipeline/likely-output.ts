import { callerIdOf } from "#lib/auth/caller";
import type { Call } from "#lib/dialects/call";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Billed } from "#lib/gateway/provider-errors/billed-errors";
import type { Route } from "#lib/gateway/routing/routing";
import { likelyPredictedTokens } from "#lib/gateway/sizing/beyond-bound";
import { mayBillAfterDisconnect } from "#lib/gateway/sizing/billed-after-disconnect";
import { countAtWorst } from "#lib/gateway/sizing/count-at-worst";
import {
  estimateOutputTokens,
  NOTHING_SEEN,
  type SeenOutput,
  sweepMarginTokens,
} from "#lib/gateway/sizing/estimate-output";
import { knownTokensPerSecond } from "#lib/gateway/sizing/fast-models";
import { heldBackBy, NOTHING_HELD_BACK } from "#lib/gateway/sizing/held-back";
import { mayHideOutput } from "#lib/gateway/sizing/hidden-output";
import type { Target } from "#lib/providers/wire";
import type { Admission } from "./admission";

/**
 * Output tokens that a route's provider bills for what was seen of an answer, if it does not report them.
 * @param predictedTokens those of a prediction, of which nothing may have been used
 */
export function likelyOutputTokens(
  gateway: Pick<Gateway, "pace">,
  admission: Admission,
  { target }: Route,
  seen: SeenOutput,
  predictedTokens = likelyPredictedTokens(admission.call),
): number {
  const heldBack = isCovered(admission) ? heldBackBy(admission.call) : NOTHING_HELD_BACK;
  const shown = isCovered(admission) ? seen : { ...seen, rareTokens: 0, mostTokens: seen.tokens };
  const unusedTokens = seen.isWhole ? 0 : predictedTokens * admission.call.answers;
  return estimateOutputTokens(
    { ...shown, tokens: seen.tokens + unusedTokens, mostTokens: shown.mostTokens + unusedTokens },
    {
      answers: admission.call.answers,
      elapsedMs: performance.now() - admission.receivedAtMs,
      tokensPerSecond: paceOf(gateway, admission, target),
      mayHideOutput: mayHideOutput(target.upstreamModel) || heldBack.isUnbounded,
      heldBackTokens: heldBack.tokens,
      boundTokens: admission.outputTokenBound,
      isBounded: isBounded(admission),
    },
  );
}

/** Tokens of a prediction: counted where a budget must cover them, since a client chooses the text. */
export async function predictedTokens(
  { counting }: Pick<Gateway, "counting">,
  admission: Admission,
  { target }: Route,
): Promise<number> {
  const { predictedTexts } = admission.call;
  if (!isCovered(admission) || predictedTexts.length === 0) return likelyPredictedTokens(admission.call);
  return counting.run(callerIdOf(admission.hold.payer), () =>
    countAtWorst(predictedTexts, target.upstreamModel),
  );
}

/**
 * Output tokens behind what was shown: without what repeats the prompt, and with answers that are not returned. Some
 * servers ignore that the prompt is to be repeated: where a budget must cover it, all counts that was shown.
 */
export function generatedTokens(admission: Limits & { call: Repeating }, shownTokens: number): number {
  const { answers, withheldAnswers, echoedTokens: asked } = admission.call;
  const echoedTokens = isCovered(admission) ? 0 : asked;
  const perReturned = withheldAnswers === 0 ? 1 : answers / (answers - withheldAnswers);
  return Math.ceil(Math.max(0, shownTokens - echoedTokens) * perReturned);
}

type Repeating = Pick<Call, "answers" | "withheldAnswers" | "echoedTokens">;

/**
 * Output tokens that a sweep charges beyond what was likely at the last heartbeat: a budget must cover all that may be
 * generated until the next one.
 */
export function sweepMargin(
  gateway: Pick<Gateway, "pace">,
  asked: Limits & { call: Pick<Call, "answers"> },
  { target }: Route,
): number {
  return sweepMarginTokens({
    answers: asked.call.answers,
    tokensPerSecond: paceOf(gateway, asked, target),
    isUnseen: isCovered(asked) || mayHideOutput(target.upstreamModel),
  });
}

type Limits = Pick<Admission, "hasBudget" | "failOpen">;

/** Output tokens per second: a caller who hangs up keeps a pace from being observed, and no budget may depend on it. */
function paceOf({ pace }: Pick<Gateway, "pace">, limits: Limits, target: Target): number {
  const observed = pace.tokensPerSecond(target);
  return isCovered(limits) ? Math.max(observed, knownTokensPerSecond(target)) : observed;
}

/**
 * Whether a stream's silence may hide output that a budget must cover: some providers hold a call back until they have
 * checked its arguments (Claude without fine-grained tool streaming, platform.claude.com).
 */
export const maySilenceHide = (
  admission: Limits & { call: Pick<Call, "hasTools" | "mayGetTools"> },
): boolean => isCovered(admission) && (admission.call.hasTools || admission.call.mayGetTools);

/** Whether the provider has an output bound, the client's or ours. */
export const isBounded = ({ call, outputLimit }: Pick<Admission, "call" | "outputLimit">): boolean =>
  call.maxOutputTokens !== null || outputLimit !== null;

/** Whether an answer may have more output tokens than are held. */
export const mayExceedBound = (admission: Pick<Admission, "call" | "outputLimit">): boolean =>
  admission.call.answers > 0 && !isBounded(admission);

/** Whether a budget must cover what a route goes on to bill after the client is gone. */
export const billsOn = (admission: Limits & { call: Pick<Call, "stream"> }, route: Route): boolean =>
  isCovered(admission) && mayBillAfterDisconnect(route, admission.call.stream);

/**
 * Output tokens that a route bills for an answer that Tollgate itself stopped reading: all that it may generate where
 * it goes on and a budget must cover that, else `likelyTokens`.
 */
export const outputIfLeft = (admission: Admission, route: Route, likelyTokens: number): number =>
  billsOn(admission, route) ? admission.outputTokenBound : likelyTokens;

/** Output tokens that a route bills for an error in place of an answer. An error bills no output that is not known. */
export async function outputOfError(
  gateway: Pick<Gateway, "pace" | "counting">,
  admission: Admission,
  route: Route,
  bills: Billed,
): Promise<number> {
  if (bills === "nothing" || bills === "input") return 0;
  if ((bills === "whole_bound" || bills === "violation") && isCovered(admission))
    return admission.outputTokenBound;
  const predicted = await predictedTokens(gateway, admission, route);
  return likelyOutputTokens(gateway, admission, route, NOTHING_SEEN, predicted);
}

/** Whether what a provider may bill must be covered: a hard budget or the allowance for outages limits the caller. */
export const isCovered = ({ hasBudget, failOpen }: Limits): boolean => hasBudget || failOpen;

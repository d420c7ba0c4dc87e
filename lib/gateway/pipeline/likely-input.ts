import { callerIdOf } from "#lib/auth/caller";
import type { Usage } from "#lib/credit/prices/meters";
import { costPicoUsd } from "#lib/credit/prices/price";
import type { Call } from "#lib/dialects/call";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Route } from "#lib/gateway/routing/routing";
import { mayWriteToCache } from "#lib/gateway/sizing/cache-writes";
import { chargedInputTokens, isFarAboveLikely, isMostlySealed } from "#lib/gateway/sizing/charged-input";
import { countAtWorst } from "#lib/gateway/sizing/count-at-worst";
import { estimatedUsage, estimateInputTokens } from "#lib/gateway/sizing/estimate";
import {
  chargedAudioTokens,
  estimateAudioTokens,
  hasUncertainAudio,
  hasUncertainPictures,
  isUnbounded,
} from "#lib/gateway/sizing/media-tokens";
import { readTexts } from "#lib/gateway/sizing/read-texts";
import { dearerAsSound } from "#lib/gateway/sizing/sound";
import { tokenizerOver } from "#lib/gateway/sizing/tokenizers";
import type { Admission } from "./admission";
import type { ClientDisconnect } from "./client-disconnect";

/** What is counted of a whole body, with the names of its fields, is too much within this of the estimate. */
const MOST_TIMES_ESTIMATE = 2;

/** How a request ended that reports no usage: with all of its answer, with a fault of its provider's, or cut short. */
export type Ended = "whole" | "failed" | "cut";

/** A request, and whether its client still waits. */
type Admitted = {
  gateway: Pick<Gateway, "counting">;
  admission: Admission;
  disconnect: Pick<ClientDisconnect, "isGone">;
};

type LikelyInput = { inputTokens: number; audioTokens: number };

/**
 * Input tokens that a provider bills, if it does not report them: by an estimate, unless a hard budget or the allowance
 * for outages must cover them. There they are charged such that no client can choose a body that is billed above that
 * (charged-input.ts), but for a whole answer without a report, which no client causes: of that only the texts are counted.
 * Of what only the report can tell, all is charged that is held where a client can have caused that it is missing: by hanging
 * up, by an answer that takes too long, by one that breaks off, and by one that fails and is billed. Of what is read anew after
 * searches, wherever it is missing.
 */
async function likelyInput(
  { gateway, admission, disconnect }: Admitted,
  route: Route,
  ended: Ended,
): Promise<LikelyInput> {
  const { dialect, call, hasBudget, failOpen, inputTokenEstimate, inputTokenBound: held } = admission;
  const { media } = call;
  const { upstreamModel } = route.target;
  const likelyAudio = estimateAudioTokens(media, upstreamModel);
  if (!hasBudget && !failOpen) return { inputTokens: inputTokenEstimate, audioTokens: likelyAudio };
  const isCut = ended === "cut" || disconnect.isGone();
  const chargedAudio = chargedAudioTokens(media, upstreamModel);
  if ((isCut || call.searches !== null) && isUnknown(admission))
    return {
      inputTokens: held,
      audioTokens: isUnbounded(call, [route]) ? dearerAsSound(held, route) : chargedAudio,
    };
  const isWhole = ended === "whole" && !isCut;
  const counted = await gateway.counting.run(callerIdOf(admission.hold.payer), () =>
    isWhole ? countedInput(admission, route) : chargedInputTokens(dialect, call, route),
  );
  return {
    inputTokens: Math.max(inputTokenEstimate, Math.min(counted, held)),
    audioTokens: isWhole ? likelyAudio : Math.max(likelyAudio, chargedAudio),
  };
}

/**
 * What a provider bills, if it does not report it. What may be in a cache already counts as input, unless a budget must
 * cover that it is written, and searches that were not seen count only there.
 */
export async function likelyUsage(
  flight: Admitted,
  route: Route,
  ended: Ended,
  outputTokens: number,
  seenSearches = 0,
): Promise<Usage> {
  const { call, hasBudget, failOpen } = flight.admission;
  const input = await likelyInput(flight, route, ended);
  if (!hasBudget && !failOpen) return { ...usageWithAudio(input, outputTokens), webSearches: seenSearches };
  const usage = usageIfWritten(call, route, input, outputTokens);
  // What a whole answer has was seen.
  return ended === "whole" ? usage : withDearestOutput(usage, call, route);
}

/** An estimate with the recordings of the input apart, which have a price of their own. */
function usageWithAudio({ inputTokens, audioTokens }: LikelyInput, outputTokens: number): Usage {
  return {
    ...estimatedUsage(inputTokens, outputTokens),
    inputAudioTokens: Math.min(audioTokens, inputTokens),
  };
}

/**
 * The same, with all searches that the request asks for, and all input written to a cache if that may be and costs more,
 * for as long as the request asks.
 */
export function usageIfWritten(
  call: Pick<Call, "asks">,
  route: Route,
  input: LikelyInput,
  outputTokens: number,
): Usage {
  const { longCacheWrites, webSearches } = call.asks;
  const { inputTokens } = input;
  const usage = { ...usageWithAudio(input, outputTokens), webSearches };
  if (!mayWriteToCache(call, route)) return usage;
  const written = {
    ...usage,
    cacheWriteTokens: inputTokens,
    cacheWrite1hTokens: longCacheWrites ? inputTokens : 0,
  };
  return costPicoUsd(written, route.rates) > costPicoUsd(usage, route.rates) ? written : usage;
}

/** A usage whose output is all sound or pictures, if it may be and that costs more: no one has seen it. */
export function withDearestOutput(usage: Usage, { asks }: Pick<Call, "asks">, { rates }: Route): Usage {
  const { outputTokens } = usage;
  let dearest = usage;
  // A model that paints does so unasked.
  if (rates.given.has("outputImagePerMtok")) dearest = { ...usage, outputImageTokens: outputTokens };
  if (!asks.audioAnswer) return dearest;
  const sound = { ...usage, outputAudioTokens: outputTokens };
  return costPicoUsd(sound, rates) > costPicoUsd(dearest, rates) ? sound : dearest;
}

/** What a provider bills for a request that it refuses: of its input at most what the model could have read. */
export async function usageOfRefusal(flight: Admitted, route: Route, outputTokens: number): Promise<Usage> {
  const usage = await likelyUsage(flight, route, "cut", outputTokens);
  // What has generated something may have searched before.
  if (usage.webSearches > 0 && outputTokens > 0) return usage;
  // Of texts to embed, each has a window of its own.
  const isOneText = flight.admission.call.answers > 0;
  const window = isOneText ? route.contextWindow : null;
  const inputTokens = Math.min(usage.inputTokens, window ?? Number.POSITIVE_INFINITY);
  const most = (tokens: number) => Math.min(tokens, inputTokens);
  return {
    ...usage,
    inputTokens,
    cacheWriteTokens: most(usage.cacheWriteTokens),
    cacheWrite1hTokens: most(usage.cacheWrite1hTokens),
    inputAudioTokens: most(usage.inputAudioTokens),
    webSearches: 0,
  };
}

/**
 * The estimate, with the texts counted: those of the whole body, which are little more than the model reads, if that is
 * far more, else about those without the names of its fields, of which the model reads few. What is encrypted stays
 * estimated.
 */
async function countedInput(
  { dialect, call, model, inputTokenEstimate }: Admission,
  { target }: Route,
): Promise<number> {
  const { texts, structureTokens } = dialect.prompt(call);
  const read = readTexts(texts, call.media);
  const besides = estimateInputTokens({ ...call, textTokens: 0 }, model);
  const all = besides + (await countAtWorst(read, target.upstreamModel));
  return all > MOST_TIMES_ESTIMATE * inputTokenEstimate ? all : all - structureTokens;
}

/** Embedding models have vocabularies of their own: in a Chinese one, an English word is up to seven tokens. */
const hasOwnVocabulary = ({ answers }: Call, routes: readonly Route[]): boolean =>
  answers === 0 && tokenizerOver(routes) === "unknown";

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
  (hasBudget || failOpen) &&
  (call.searches !== null ||
    hasOwnVocabulary(call, routes) ||
    isUnbounded(call, routes) ||
    hasUncertainAudio(call) ||
    hasUncertainPictures(call, routes) ||
    isMostlySealed(call, routes) ||
    isFarAboveLikely(call, routes));

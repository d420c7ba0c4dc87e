import { callerIdOf } from "#lib/auth/caller";
import type { Usage } from "#lib/credit/prices/meters";
import { costPicoUsd } from "#lib/credit/prices/price";
import type { Call } from "#lib/dialects/call";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Route } from "#lib/gateway/routing/routing";
import { countTokens } from "#lib/gateway/sizing/count-tokens";
import { estimatedUsage, estimateInputTokens, inputTokenBound } from "#lib/gateway/sizing/estimate";
import { estimateAudioTokens, hasUncertainPictures, isUnbounded } from "#lib/gateway/sizing/media-tokens";
import { tokenizerOf } from "#lib/gateway/sizing/tokenizers";
import { isWrittenAnew } from "#lib/gateway/sizing/written-anew";
import type { Admission } from "./admission";
import type { ClientDisconnect } from "./client-disconnect";

/** Vocabularies differ as much in what most of them have words for, such as Chinese. */
const MOST_TIMES_COUNTED = 2.5;

/** A request, and whether its client still waits. */
type Admitted = {
  gateway: Pick<Gateway, "counting">;
  admission: Admission;
  disconnect: Pick<ClientDisconnect, "isGone">;
};

/** What is counted of a whole body, with the names of its fields, is too much within this of the estimate. */
const MOST_TIMES_ESTIMATE = 2;

/**
 * Input tokens that a provider bills, if it does not report them. Of what it fetches or unpacks only the bound is
 * certain: under a hard budget or the allowance for outages that is charged where a client can have caused
 * that the report is missing, by hanging up or by an answer that takes too long; of what is read anew after searches,
 * wherever it is missing. And there texts are counted: a client
 * can write one that is estimated at a small part of its tokens.
 * @param errorCode how the request ended; null for a whole answer
 */
async function likelyInputTokens(
  { gateway, admission, disconnect }: Admitted,
  route: Route,
  errorCode: string | null,
): Promise<number> {
  const { call, model, hasBudget, failOpen, inputTokenEstimate, inputTokenBound: held } = admission;
  if (!hasBudget && !failOpen) return inputTokenEstimate;
  const isCutByUs = disconnect.isGone() || errorCode === "upstream_timeout";
  if ((isCutByUs || call.searches !== null) && isUnknown(admission)) return held;
  const { counting } = gateway;
  const { all, texts } = await counting.run(callerIdOf(admission.hold.payer), () =>
    countedInput(admission, route),
  );
  const counted = all > MOST_TIMES_ESTIMATE * inputTokenEstimate ? all : texts;
  return Math.max(inputTokenEstimate, Math.min(counted, inputTokenBound(call, model)));
}

/**
 * What a provider bills, if it does not report it. What may be in a cache already counts as input, unless a budget must
 * cover that it is written, and searches that were not seen count only there.
 */
export async function likelyUsage(
  flight: Admitted,
  route: Route,
  errorCode: string | null,
  outputTokens: number,
  seenSearches = 0,
): Promise<Usage> {
  const { call, hasBudget, failOpen } = flight.admission;
  const inputTokens = await likelyInputTokens(flight, route, errorCode);
  return hasBudget || failOpen
    ? usageIfWritten(call, route, inputTokens, outputTokens)
    : { ...usageWithAudio(call, route, inputTokens, outputTokens), webSearches: seenSearches };
}

/** An estimate with the recordings of the input apart, which have a price of their own. */
function usageWithAudio(
  { media }: Pick<Call, "media">,
  { target }: Route,
  inputTokens: number,
  outputTokens: number,
): Usage {
  const audioTokens = estimateAudioTokens(media, target.upstreamModel);
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
  call: Pick<Call, "media" | "asks">,
  route: Route,
  inputTokens: number,
  outputTokens: number,
): Usage {
  const { cacheWrites, longCacheWrites, webSearches } = call.asks;
  const usage = { ...usageWithAudio(call, route, inputTokens, outputTokens), webSearches };
  if (!cacheWrites) return usage;
  const written = {
    ...usage,
    cacheWriteTokens: inputTokens,
    cacheWrite1hTokens: longCacheWrites ? inputTokens : 0,
  };
  return costPicoUsd(written, route.rates) > costPicoUsd(usage, route.rates) ? written : usage;
}

/** What a provider bills for a request that it refuses: of its input at most what the model could have read. */
export async function usageOfRefusal(
  flight: Admitted,
  route: Route,
  errorCode: string | null,
  outputTokens: number,
): Promise<Usage> {
  const usage = await likelyUsage(flight, route, errorCode, outputTokens);
  // What has generated something may have searched before.
  if (usage.webSearches > 0 && outputTokens > 0) return usage;
  const { contextWindow } = flight.admission.model;
  const inputTokens = Math.min(usage.inputTokens, contextWindow ?? Number.POSITIVE_INFINITY);
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
 * The estimate, with the texts counted: those of the whole body, which are little more than the model reads, and those
 * without the names of its fields, of which the model reads few. What is encrypted stays estimated.
 */
async function countedInput(
  { dialect, call, model }: Admission,
  { target }: Route,
): Promise<{ all: number; texts: number }> {
  const besides = estimateInputTokens({ ...call, textTokens: 0 }, model);
  const { plainTexts, sealedTexts } = call.media;
  const sealed = new Set(sealedTexts);
  const { texts, structureTokens } = dialect.prompt(call);
  const read = [...texts.filter((text) => !sealed.has(text)), ...plainTexts];
  const all = besides + (await countedFor(target.upstreamModel, read));
  return { all, texts: all - structureTokens };
}

/**
 * Tokens of texts in a model. The vocabularies of most others have fewer words of rare scripts than OpenAI's newest, as
 * its older one does, from which Llama 3's is made: there the greater count is taken where they differ that much.
 */
async function countedFor(upstreamModel: string, texts: readonly string[]): Promise<number> {
  const tokenizer = tokenizerOf(upstreamModel);
  if (tokenizer !== "unknown") return countTokens(texts, tokenizer);
  const counted = await countTokens(texts, "o200k");
  const older = await countTokens(texts, "cl100k");
  return older > MOST_TIMES_COUNTED * counted ? older : counted;
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
  (hasBudget || failOpen) &&
  (call.searches !== null ||
    isUnbounded(call, routes) ||
    hasUncertainPictures(call, routes) ||
    isWrittenAnew(call, routes));

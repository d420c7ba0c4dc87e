import "server-only";
import type { Caller, Credentials } from "#lib/auth/caller";
import { DatabaseUnavailable } from "#lib/credit/database-batch";
import type { HoldRequest, HoldVerdict } from "#lib/credit/hold";
import { boundPicoUsd, costPicoUsd } from "#lib/credit/price";
import { ApiError } from "#lib/http/api-error";
import { authenticate, callerRefused } from "./authenticate";
import type { ChatRequest } from "./chat-request";
import { estimatedUsage, estimateInputTokens, inputTokenBound, outputTokenBound } from "./estimate";
import type { Gateway } from "./gateway";
import { resolveModel } from "./resolve-model";
import type { Model, Route } from "./routing";

/** Output tokens that a sweep charges beyond what is known to have been streamed. */
export const SWEEP_MARGIN_TOKENS = 256;

/** A request that is authorised and paid for: only this can be sent upstream. */
export type Admission = {
  request: ChatRequest;
  model: Model;
  routes: readonly [Route, ...Route[]];
  hold: HoldRequest;
  counterIds: readonly number[];
  createdAt: string;
  inputTokenEstimate: number;
  outputTokenBound: number;
  /** On the clock of `performance.now()`. */
  receivedAtMs: number;
};

export type Arrival = {
  requestId: string;
  clientRequestId: string | null;
  credentials: Credentials;
  receivedAtMs: number;
};

/**
 * Resolves the model and places the hold. Caller and routing may be known from a moment ago: the hold
 * re-checks them, and before anything is refused or found stale, both are read again, once.
 * @throws ApiError for every refusal; DatabaseUnavailable
 */
export async function admit(
  gateway: Gateway,
  arrival: Arrival,
  known: Caller,
  request: ChatRequest,
): Promise<Admission> {
  try {
    const fromMemory = await tryToAdmit(gateway, arrival, known, request, { fresh: false });
    if (fromMemory) return fromMemory;
  } catch (error) {
    // A refusal from memory may be out of date, as a grant may.
    if (!(error instanceof ApiError)) throw error;
  }
  const caller = await authenticate(gateway, arrival.credentials, { fresh: true });
  const fromDatabase = await tryToAdmit(gateway, arrival, caller, request, { fresh: true });
  if (fromDatabase) return fromDatabase;
  throw new ApiError("service_unavailable", "The configuration is being changed right now. Try again.", {
    headers: { "retry-after": "1" },
  });
}

/** Null if the hold found what it was given stale. */
async function tryToAdmit(
  gateway: Gateway,
  arrival: Arrival,
  caller: Caller,
  request: ChatRequest,
  options: { fresh: boolean },
): Promise<Admission | null> {
  const routing = await gateway.routing(options);
  const model = resolveModel(routing, caller, request.model);
  const [first, ...others] = model.routes;
  if (!first) throw new Error("a resolved model has a route");

  const inputTokenEstimate = estimateInputTokens(request);
  const outputBound = outputTokenBound(request, model.maxOutputTokens);
  const inputBound = inputTokenBound(request);
  // Any of the routes may come to serve it: the hold covers the dearest.
  let holdPicoUsd = 0n;
  for (const { rates } of model.routes) {
    const bound = boundPicoUsd(inputBound, outputBound, rates, { audio: request.audio });
    if (bound > holdPicoUsd) holdPicoUsd = bound;
  }
  const hold: HoldRequest = {
    id: arrival.requestId,
    payer: caller,
    routingVersion: routing.version,
    endpoint: "chat/completions",
    model: model.name,
    providerName: first.target.providerName,
    upstreamModel: first.target.upstreamModel,
    priceVersionId: first.priceVersionId,
    stream: request.stream,
    clientRequestId: arrival.clientRequestId,
    inputTokenEstimate,
    holdPicoUsd,
    ifSweptPicoUsd: costPicoUsd(estimatedUsage(inputTokenEstimate, SWEEP_MARGIN_TOKENS), first.rates),
    ifSweptOutputTokens: SWEEP_MARGIN_TOKENS,
  };
  let verdict: HoldVerdict;
  try {
    verdict = await gateway.placeHold(hold);
  } catch (error) {
    if (error instanceof DatabaseUnavailable && error.maybeDone) releaseUnanswered(gateway, hold, first);
    throw error;
  }
  if (!verdict.granted) {
    if (verdict.reason === "stale") return null;
    throw callerRefused(verdict.reason);
  }
  return {
    request,
    model,
    routes: [first, ...others],
    hold,
    counterIds: verdict.counterIds,
    createdAt: verdict.createdAt,
    inputTokenEstimate,
    outputTokenBound: outputBound,
    receivedAtMs: arrival.receivedAtMs,
  };
}

/**
 * A hold may arrive though its answer never did: the release goes after it as soon as the database is
 * back, and leaves a mark where it comes first.
 */
function releaseUnanswered(gateway: Gateway, hold: HoldRequest, { target, priceVersionId }: Route): void {
  void gateway.settler.settle({
    hold,
    counterIds: null,
    createdAt: null,
    status: "released",
    costPicoUsd: 0n,
    usage: estimatedUsage(0, 0),
    usageSource: "estimated",
    providerName: target.providerName,
    upstreamModel: target.upstreamModel,
    priceVersionId,
    httpStatus: 503,
    errorCode: "service_unavailable",
    latencyMs: 0,
    ttftMs: null,
  });
}

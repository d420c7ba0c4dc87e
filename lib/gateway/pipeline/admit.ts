import type { Caller, Credentials, HangUp } from "#lib/auth/caller";
import { costPicoUsd } from "#lib/credit/prices/price";
import type { ChatRequest } from "#lib/dialects/chat/parse";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Asker } from "#lib/gateway/rejections/caller-info";
import { resolveModel } from "#lib/gateway/routing/resolve-model";
import type { Model, Route, Routing } from "#lib/gateway/routing/routing";
import { type ContextJudge, contextJudge } from "#lib/gateway/sizing/context-window";
import { estimatedUsage, estimateInputTokens } from "#lib/gateway/sizing/estimate";
import { ApiError } from "#lib/http/api-error";
import type { Origin } from "#lib/http/client-address";
import { authenticate, isCallerRefusal } from "./authenticate";
import { type HoldPlan, type PlacedHold, placeHold } from "./place-hold";
import { giveBackTokens, isRateLimited, passRateWindows, type RateTicket, tellRefused } from "./rate-limit";

/** Output tokens that a sweep charges beyond what is known to have been streamed. */
export const SWEEP_MARGIN_TOKENS = 256;

/** A request that is authorised and paid for: only this can be sent upstream. */
export type Admission = PlacedHold & {
  request: ChatRequest;
  model: Model;
  routes: readonly [Route, ...Route[]];
  inputTokenEstimate: number;
  onHangUp: HangUp;
  /** Null where no rate windows apply. */
  rates: RateTicket | null;
  /** On the clock of `performance.now()`. */
  receivedAtMs: number;
};

export type Arrival = {
  requestId: string;
  clientRequestId: string | null;
  credentials: Credentials;
  origin: Origin;
  /** Who it is and what it wants, for the count of refusals. */
  asker: Asker;
  receivedAtMs: number;
  /** What the answer says beside its own headers, whichever answer it will be. */
  headers: Record<string, string>;
  /** What it has taken from rate windows so far. */
  ticket: RateTicket | null;
};

/**
 * Resolves the model, counts the request in its rate windows and places the hold. Caller and routing may be known
 * from a moment ago: the hold re-checks them, and where it finds them stale, or where they would refuse, both are
 * read again, once. Whoever is refused gets back what token windows were debited with.
 * @throws ApiError for every refusal; DatabaseUnavailable
 */
export async function admit(
  gateway: Gateway,
  arrival: Arrival,
  known: Caller,
  request: ChatRequest,
): Promise<Admission> {
  try {
    const remembered = await gateway.routing({ fresh: false });
    const judge = contextJudge(request);
    const model = resolveFromMemory(remembered, known, request.model);
    const isRefused = model === null || (judge.isNear(model) && (await judge.refusal(model)) !== null);
    const fromMemory = isRefused ? null : await hold(gateway, arrival, known, request, model, remembered);
    return fromMemory ?? (await admitFresh(gateway, arrival, request, judge));
  } catch (error) {
    await giveBackTokens(arrival);
    await tellRefused(gateway, arrival, error);
    throw error;
  }
}

/** The same with caller and routing as the database has them now. */
async function admitFresh(
  gateway: Gateway,
  arrival: Arrival,
  request: ChatRequest,
  judge: ContextJudge,
): Promise<Admission> {
  const caller = await authenticate(gateway, arrival, { fresh: true });
  const routing = await gateway.routing({ fresh: true });
  const resolved = resolveModel(routing, caller, request.model);
  const tooLong = await judge.refusal(resolved);
  if (tooLong) throw tooLong;
  const fromDatabase = await hold(gateway, arrival, caller, request, resolved, routing);
  if (fromDatabase) return fromDatabase;
  throw new ApiError("service_unavailable", "The configuration is being changed right now. Try again.", {
    headers: { "retry-after": "1" },
  });
}

/** Null where memory would refuse, since memory may be out of date. */
function resolveFromMemory(routing: Routing, caller: Caller, name: string): Model | null {
  try {
    return resolveModel(routing, caller, name);
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** Null if the hold found what it was given stale. */
async function hold(
  gateway: Gateway,
  arrival: Arrival,
  caller: Caller,
  request: ChatRequest,
  model: Model,
  routing: Routing,
): Promise<Admission | null> {
  if (isRateLimited(gateway, caller)) await passRateWindows(gateway, arrival, caller, request, model);
  const [first, ...others] = model.routes;
  if (!first) throw new Error("a resolved model has a route");
  const routes: [Route, ...Route[]] = [first, ...others];
  const inputTokenEstimate = estimateInputTokens(request);
  const ifSweptPicoUsd = costPicoUsd(estimatedUsage(inputTokenEstimate, SWEEP_MARGIN_TOKENS), first.rates);
  const plan: HoldPlan = {
    caller,
    request,
    model,
    routes,
    holdOf: ({ holdPicoUsd, floorPicoUsd }) => ({
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
      floorPicoUsd,
      ifSweptPicoUsd,
      ifSweptOutputTokens: SWEEP_MARGIN_TOKENS,
    }),
  };
  let placed: PlacedHold | null;
  try {
    placed = await placeHold(gateway, plan);
  } catch (error) {
    if (isCallerRefusal(error)) {
      gateway.callers.forget(arrival.credentials);
      // Whoever reads a caller notes that their payment has expired: then and there.
      await gateway.callers.find(arrival.credentials, { fresh: true }).catch(() => {});
    }
    throw error;
  }
  if (placed === null) return null;
  return {
    hold: placed.hold,
    counterIds: placed.counterIds,
    createdAt: placed.createdAt,
    outputTokenBound: placed.outputTokenBound,
    outputLimit: placed.outputLimit,
    failOpen: placed.failOpen,
    request,
    model,
    routes,
    inputTokenEstimate,
    onHangUp: caller.onHangUp,
    rates: arrival.ticket,
    receivedAtMs: arrival.receivedAtMs,
  };
}

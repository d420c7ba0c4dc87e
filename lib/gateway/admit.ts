import "server-only";
import type { Caller, Credentials } from "#lib/auth/caller";
import { costPicoUsd } from "#lib/credit/price";
import { ApiError } from "#lib/http/api-error";
import type { Origin } from "#lib/http/client-address";
import { authenticate } from "./authenticate";
import type { ChatRequest } from "./chat-request";
import { estimatedUsage, estimateInputTokens } from "./estimate";
import type { Gateway } from "./gateway";
import { type PlacedHold, placeHold } from "./place-hold";
import { resolveModel } from "./resolve-model";
import type { Model, Route, Routing } from "./routing";

/** Output tokens that a sweep charges beyond what is known to have been streamed. */
export const SWEEP_MARGIN_TOKENS = 256;

/** A request that is authorised and paid for: only this can be sent upstream. */
export type Admission = PlacedHold & {
  request: ChatRequest;
  model: Model;
  routes: readonly [Route, ...Route[]];
  inputTokenEstimate: number;
  /** On the clock of `performance.now()`. */
  receivedAtMs: number;
};

export type Arrival = {
  requestId: string;
  clientRequestId: string | null;
  credentials: Credentials;
  origin: Origin;
  receivedAtMs: number;
};

/**
 * Resolves the model and places the hold. Caller and routing may be known from a moment ago: the hold
 * re-checks them, and where it finds them stale, or where they would refuse, both are read again, once.
 * @throws ApiError for every refusal; DatabaseUnavailable
 */
export async function admit(
  gateway: Gateway,
  arrival: Arrival,
  known: Caller,
  request: ChatRequest,
): Promise<Admission> {
  const remembered = await gateway.routing({ fresh: false });
  const model = resolveFromMemory(remembered, known, request.model);
  const fromMemory = model && (await hold(gateway, arrival, known, request, model, remembered));
  if (fromMemory) return fromMemory;

  const caller = await authenticate(gateway, arrival, { fresh: true });
  const routing = await gateway.routing({ fresh: true });
  const fromDatabase = await hold(
    gateway,
    arrival,
    caller,
    request,
    resolveModel(routing, caller, request.model),
    routing,
  );
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
  const [first, ...others] = model.routes;
  if (!first) throw new Error("a resolved model has a route");
  const routes: [Route, ...Route[]] = [first, ...others];
  const inputTokenEstimate = estimateInputTokens(request);
  const placed = await placeHold(gateway, {
    caller,
    request,
    model,
    routes,
    hold: {
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
      ifSweptPicoUsd: costPicoUsd(estimatedUsage(inputTokenEstimate, SWEEP_MARGIN_TOKENS), first.rates),
      ifSweptOutputTokens: SWEEP_MARGIN_TOKENS,
    },
  });
  if (placed === null) return null;
  return {
    ...placed,
    request,
    model,
    routes,
    inputTokenEstimate,
    receivedAtMs: arrival.receivedAtMs,
  };
}

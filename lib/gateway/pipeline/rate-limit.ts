import type { Caller } from "#lib/auth/caller";
import type { ChatRequest } from "#lib/dialects/chat/parse";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { rateHeaders, rateRefused } from "#lib/gateway/rejections/rate-rejections";
import type { Model } from "#lib/gateway/routing/routing";
import { defaultOutputBound, estimateInputTokens } from "#lib/gateway/sizing/estimate";
import { ApiError } from "#lib/http/api-error";
import { RateStoreUnavailable } from "#lib/limits/store";
import { type LimitedScope, type RateWindow, type ScopeRates, windowsOf } from "#lib/limits/window";
import type { Arrival } from "./admit";
import { callerRefused, isCallerRefusal } from "./authenticate";

/** What a request has taken from its caller's windows. */
export type RateTicket = {
  /** The limits that it was judged by. */
  rateLimits: Caller["rateLimits"];
  /** Replaces the estimate that the token windows were debited with by what it has come to. */
  correct: (tokens: number) => Promise<void>;
};

/** Nobody is refused by limits that were read longer ago than this. */
const SURE_FOR_MS = 200;
/** What an answer is debited with whose client names no bound: a long one; the usage corrects it. */
const UNNAMED_OUTPUT_TOKENS = 1_024;

/** Most callers are not: then the stage costs nothing. */
export function isRateLimited({ limiter }: Gateway, { rateLimits }: Caller): boolean {
  return rateLimits !== null || limiter.defaultPerMinute > 0;
}

/**
 * Counts the request in every window of its key, user, app and organization: in all or, where one of them
 * refuses, in none. How they stand goes into the answer's headers, whatever the answer will be; the ticket
 * is left on the arrival. A request that has one under the same limits is not counted again.
 * @throws ApiError rate_limit_exceeded; service_unavailable while Redis is away and the organization does not go on
 */
export async function passRateWindows(
  gateway: Gateway,
  arrival: Arrival,
  caller: Caller,
  request: ChatRequest,
  model: Model,
): Promise<void> {
  const { ticket } = arrival;
  if (ticket !== null) {
    if (sameLimits(ticket, caller)) return;
    arrival.ticket = null;
    await ticket.correct(0);
  }
  const refusal = await takeTicket(gateway, arrival, caller, request, model);
  if (refusal === null) return;
  if (performance.now() - caller.readAtMs < SURE_FOR_MS) throw refusal;
  const reread = await readAgain(gateway, arrival, caller);
  if (reread === null || (sameLimits(caller, reread) && goesOn(caller) === goesOn(reread))) throw refusal;
  const second = await takeTicket(gateway, arrival, reread, request, model);
  if (second !== null) throw second;
}

/** Gives back what a request was debited with that is not sent upstream; the request itself stays counted. */
export async function giveBackTokens({ ticket }: Arrival): Promise<void> {
  await ticket?.correct(0);
}

/**
 * Puts how the caller's windows stand into the headers of an answer that takes nothing from them: a list of
 * models, a refusal before they are asked. It says nothing where that is not known, and never throws.
 */
export async function tellRateLimits(
  gateway: Gateway,
  headers: Record<string, string>,
  caller: Caller,
): Promise<void> {
  if (!isRateLimited(gateway, caller)) return;
  const windows = windowsFor(gateway, caller);
  if (windows.length === 0) return;
  const states = await gateway.limiter.peek(windows, { allowLocal: goesOn(caller) }).catch((error) => {
    if (error instanceof RateStoreUnavailable) return [];
    throw error;
  });
  Object.assign(headers, rateHeaders(states));
}

/** The same for a request that was refused, where nothing is told yet and there is a caller to tell. */
export async function tellRefused(gateway: Gateway, arrival: Arrival, refusal: unknown): Promise<void> {
  if (!(refusal instanceof ApiError) || refusal.status >= 500 || isCallerRefusal(refusal)) return;
  if ("x-ratelimit-limit-requests" in arrival.headers || "x-ratelimit-limit-tokens" in arrival.headers)
    return;
  // Whoever refused has read the caller anew.
  const finding = await gateway.callers.find(arrival.credentials);
  if (finding.found) await tellRateLimits(gateway, arrival.headers, finding.caller);
}

/** @returns the refusal, if a window refuses or cannot be asked */
async function takeTicket(
  gateway: Gateway,
  arrival: Arrival,
  caller: Caller,
  request: ChatRequest,
  model: Model,
): Promise<ApiError | null> {
  const windows = windowsFor(gateway, caller);
  if (windows.length === 0) return null;
  const takes = windows.map((window) => ({ window, amount: amountFor(window, request, model) }));
  const taken = await gateway.limiter.take(takes, { allowLocal: goesOn(caller) }).catch((error) => {
    if (error instanceof RateStoreUnavailable) return limitsUnknown(error);
    throw error;
  });
  if (taken instanceof ApiError) return taken;
  Object.assign(arrival.headers, rateHeaders(taken.states));
  if (!taken.states.every(({ fits }) => fits)) return rateRefused(taken.states);
  arrival.ticket = {
    rateLimits: caller.rateLimits,
    correct: async (tokens) => {
      const corrected = await taken.correct(tokens);
      if (corrected.length > 0) Object.assign(arrival.headers, rateHeaders(corrected));
    },
  };
  return null;
}

const windowsFor = ({ limiter }: Gateway, caller: Caller): RateWindow[] =>
  windowsOf(caller.organizationId, scopesOf(caller, limiter.defaultPerMinute > 0), limiter.defaultPerMinute);

/** The caller's scopes that may be limited: those with limits, and those that the default is for. */
function scopesOf(caller: Caller, hasDefault: boolean): ScopeRates[] {
  const ids: Record<LimitedScope, string | null> = {
    api_key: caller.apiKeyId,
    user: caller.userId,
    app: caller.appId,
    organization: caller.organizationId,
  };
  const scopes: ScopeRates[] = [];
  for (const scope of ["api_key", "user", "app", "organization"] as const) {
    const id = ids[scope];
    const rates = caller.rateLimits?.[scope];
    if (id !== null && (rates !== undefined || hasDefault)) scopes.push({ scope, id, rates: rates ?? {} });
  }
  return scopes;
}

/**
 * What a window is debited with until the usage is known: input by rule of thumb, and the output that the
 * client asks for, as far as the window holds it at all: a large bound alone makes no request impossible.
 */
function amountFor({ unit, limit }: RateWindow, request: ChatRequest, model: Model): number {
  if (unit === "requests") return 1;
  const input = estimateInputTokens(request);
  const perChoice =
    request.maxOutputTokens ?? Math.min(UNNAMED_OUTPUT_TOKENS, defaultOutputBound(model.maxOutputTokens));
  return input + Math.min(perChoice * request.choices, Math.max(0, limit - input));
}

/** Whether its organization goes on where what it depends on is away. */
const goesOn = ({ failOpenAllowanceUsd }: Caller): boolean => failOpenAllowanceUsd !== null;

function sameLimits(one: Pick<Caller, "rateLimits">, other: Pick<Caller, "rateLimits">): boolean {
  return JSON.stringify(one.rateLimits) === JSON.stringify(other.rateLimits);
}

/** However many requests a caller's limits refuse at once, the caller is read again once. */
const readings = new WeakMap<Caller, Promise<Caller | null>>();

/** @returns null where the database does not answer @throws ApiError where the caller is none any more */
function readAgain(gateway: Gateway, { credentials }: Arrival, known: Caller): Promise<Caller | null> {
  const started = readings.get(known);
  if (started) return started;
  const reading = gateway.callers.find(credentials, { fresh: true }).then(
    (finding) => {
      if (!finding.found) throw callerRefused(finding.reason);
      return finding.caller;
    },
    () => null,
  );
  readings.set(known, reading);
  return reading;
}

function limitsUnknown(cause: RateStoreUnavailable): ApiError {
  return new ApiError("service_unavailable", "Rate limits cannot be checked right now. Try again.", {
    headers: { "retry-after": "1" },
    cause,
  });
}

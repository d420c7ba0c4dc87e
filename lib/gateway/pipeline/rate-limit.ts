import type { Caller } from "#lib/auth/caller";
import type { Call } from "#lib/dialects/call";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerRejected, isCallerRejection } from "#lib/gateway/rejections/caller-rejections";
import { rateHeaders, rateRejected } from "#lib/gateway/rejections/rate-rejections";
import { apiErrorOf, Rejected, rejected } from "#lib/gateway/rejections/rejected";
import type { Model } from "#lib/gateway/routing/routing";
import { defaultOutputBound, estimateInputTokens } from "#lib/gateway/sizing/estimate";
import { ApiError } from "#lib/http/api-error";
import { RateStoreUnavailable } from "#lib/limits/store";
import { type LimitedScope, type RateWindow, type ScopeRates, windowsOf } from "#lib/limits/window";
import type { Arrival } from "./arrival";

type Headers = Readonly<Record<string, string>>;

/** What a request has taken from its caller's windows. */
export type RateTicket = {
  /** The limits that it was judged by. */
  rateLimits: Caller["rateLimits"];
  /** The windows' state as the answer reports it. */
  headers: Headers;
  /**
   * Replaces the estimate that token windows were debited with. Only the first call does; later ones wait for it.
   * @returns the headers after that
   */
  correct: (tokens: number) => Promise<Headers>;
};

/** Limits that were read longer ago than this reject no request without being read again. */
const CURRENT_FOR_MS = 200;
/** Debited for an answer without a bound: a long one, until the usage corrects it. */
export const UNBOUNDED_OUTPUT_TOKENS = 1_024;

/** Most callers are not, and then the stage costs nothing. */
export function isRateLimited({ limiter }: Gateway, { rateLimits }: Caller): boolean {
  return rateLimits !== null || hasDefaults(limiter);
}

/**
 * Counts the request in every window of its key, user, app and organization, or, if one of them rejects it,
 * in none.
 * @param earlier a ticket that the request already has: under the same limits it is not counted again
 * @returns null if no window applies
 * @throws Rejected rate_limit_exceeded, or service_unavailable while Redis is unavailable and the organization
 * fails closed
 */
export async function passRateWindows(
  gateway: Gateway,
  arrival: Arrival,
  caller: Caller,
  call: Call,
  model: Model,
  earlier: RateTicket | null,
): Promise<RateTicket | null> {
  if (earlier !== null) {
    if (sameLimits(earlier, caller)) return earlier;
    await earlier.correct(0);
  }
  const first = await takeTicket(gateway, caller, call, model);
  if (!(first instanceof Rejected)) return first;
  if (performance.now() - caller.readAtMs < CURRENT_FOR_MS) throw first;
  const reread = await readAgain(gateway, arrival, caller);
  if (reread === null || (sameLimits(caller, reread) && failsOpen(caller) === failsOpen(reread))) throw first;
  const second = await takeTicket(gateway, reread, call, model);
  if (second instanceof Rejected) throw second;
  return second;
}

/**
 * The state of a caller's windows, for an answer that takes nothing from them (a model list, an early
 * rejection). Empty if it is unknown; never throws.
 */
export async function rateStateHeaders(gateway: Gateway, caller: Caller): Promise<Headers> {
  if (!isRateLimited(gateway, caller)) return {};
  const windows = windowsFor(gateway, caller);
  if (windows.length === 0) return {};
  const states = await gateway.limiter.peek(windows, { allowLocal: failsOpen(caller) }).catch((error) => {
    if (error instanceof RateStoreUnavailable) return [];
    throw error;
  });
  return rateHeaders(states);
}

/** Adds the state of the caller's windows to a rejection that does not report it yet. */
export async function withRateState(gateway: Gateway, arrival: Arrival, error: unknown): Promise<unknown> {
  const rejection = apiErrorOf(error);
  if (rejection === null || rejection.status >= 500 || isCallerRejection(error)) return error;
  if (error instanceof Rejected && Object.keys(error.headers).length > 0) return error;
  // The stage that rejected has read the caller again.
  const finding = await gateway.callers.find(arrival.credentials);
  if (!finding.found) return error;
  return rejected(error, { headers: await rateStateHeaders(gateway, finding.caller) });
}

async function takeTicket(
  gateway: Gateway,
  caller: Caller,
  call: Call,
  model: Model,
): Promise<RateTicket | null | Rejected> {
  const windows = windowsFor(gateway, caller);
  if (windows.length === 0) return null;
  const takes = windows.map((window) => ({ window, amount: amountFor(window, call, model) }));
  const taken = await gateway.limiter.take(takes, { allowLocal: failsOpen(caller) }).catch((error) => {
    if (error instanceof RateStoreUnavailable) return rejected(limitsUnknown(error), {});
    throw error;
  });
  if (taken instanceof Rejected) return taken;
  const headers = rateHeaders(taken.states);
  if (!taken.states.every(({ fits }) => fits)) return rejected(rateRejected(taken.states), { headers });
  let correction: Promise<Headers> | null = null;
  const correct = async (tokens: number): Promise<Headers> => {
    const corrected = await taken.correct(tokens);
    return corrected.length === 0 ? headers : { ...headers, ...rateHeaders(corrected) };
  };
  return {
    rateLimits: caller.rateLimits,
    headers,
    correct: (tokens) => {
      correction ??= correct(tokens);
      return correction;
    },
  };
}

const hasDefaults = ({ defaults }: Gateway["limiter"]): boolean =>
  defaults.perMinute > 0 || defaults.windows.length > 0;

const windowsFor = ({ limiter }: Gateway, caller: Caller): RateWindow[] =>
  windowsOf(caller.organizationId, scopesOf(caller, hasDefaults(limiter)), limiter.defaults);

/** The caller's scopes that may be limited: those with limits, and those that the default applies to. */
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
 * What a window is debited until the usage is known: the estimated input and the output that the client asks
 * for, as far as the window can hold it. A large output bound alone makes no request impossible.
 */
function amountFor({ unit, limit }: RateWindow, call: Call, model: Model): number {
  if (unit === "requests") return 1;
  const input = estimateInputTokens(call, model);
  const perAnswer =
    call.maxOutputTokens ?? Math.min(UNBOUNDED_OUTPUT_TOKENS, defaultOutputBound(call, model));
  return input + Math.min(perAnswer * call.answers, Math.max(0, limit - input));
}

const failsOpen = ({ failOpenAllowanceUsd }: Caller): boolean => failOpenAllowanceUsd !== null;

function sameLimits(one: Pick<Caller, "rateLimits">, other: Pick<Caller, "rateLimits">): boolean {
  return JSON.stringify(one.rateLimits) === JSON.stringify(other.rateLimits);
}

/** However many requests a caller's limits reject at once, the caller is read again once. */
const readings = new WeakMap<Caller, Promise<Caller | null>>();

/**
 * @returns null if the database does not answer
 * @throws ApiError if the caller is no longer valid
 */
function readAgain(gateway: Gateway, { credentials }: Arrival, known: Caller): Promise<Caller | null> {
  const started = readings.get(known);
  if (started) return started;
  const reading = gateway.callers.find(credentials, { fresh: true }).then(
    (finding) => {
      if (!finding.found) throw callerRejected(finding.reason);
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

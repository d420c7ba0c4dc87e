import type { RateWindows } from "#lib/db/schema/identity";

export type LimitedScope = "api_key" | "user" | "app" | "organization";

/** The limits of one of the caller's scopes, as its row has them. */
export type ScopeRates = { scope: LimitedScope; id: string; rates: RateWindows };

/**
 * At most `limit` in `seconds`. Requests count in a sliding window; tokens refill a bucket that holds that many.
 */
export type RateWindow = {
  /** Where it is counted: ids, no secret. The limit is not part of the key, so a changed limit keeps the count. */
  key: string;
  scope: LimitedScope;
  unit: "requests" | "tokens";
  limit: number;
  seconds: number;
};

/** A number of requests or tokens to take from a window. */
export type Take = { window: RateWindow; amount: number };

/** The state of a window after a call. */
export type WindowState = {
  window: RateWindow;
  /** Whether the requested amount fits. */
  fits: boolean;
  /** Never below zero. */
  remaining: number;
  /** Time until the requested amount fits, without other requests; Infinity if it never does. */
  waitMs: number;
  /** Time until the window is back in its initial state, without other requests. */
  resetMs: number;
};

const MINUTE_S = 60;

/** The limits of the installation: of each key and app that has no such limits of its own. */
export type DefaultLimits = {
  /** Requests; 0: unlimited. */
  perMinute: number;
  windows: NonNullable<RateWindows["windows"]>;
};

/** The windows that a request counts in. */
export function windowsOf(
  organizationId: string,
  scopes: readonly ScopeRates[],
  defaults: DefaultLimits,
): RateWindow[] {
  return scopes.flatMap(({ scope, id, rates }) => {
    // One hash slot for all windows of a request: a Redis cluster runs a script on one node only.
    const key = (name: string) => `{${organizationId}}:${scope}:${id}:${name}`;
    const windows: RateWindow[] = [];
    const limits = limitsOf(scope, rates, defaults);
    for (const [seconds, limit] of limits.requests) {
      windows.push({ key: key(`requests:${seconds}`), scope, unit: "requests", limit, seconds });
    }
    for (const [seconds, limit] of limits.tokens) {
      const name = seconds === MINUTE_S ? "tokens" : `tokens:${seconds}`;
      windows.push({ key: key(name), scope, unit: "tokens", limit, seconds });
    }
    return windows;
  });
}

/** The rates that apply to a scope: its own, and the installation's for what a key or an app leaves open. */
export function effectiveRates(
  scope: LimitedScope,
  { requests_per_minute, tokens_per_minute, windows }: RateWindows,
  defaults: DefaultLimits,
): RateWindows {
  const hasDefaults = scope === "api_key" || scope === "app";
  const perMinute = hasDefaults && defaults.perMinute > 0 ? defaults.perMinute : undefined;
  const rates: RateWindows = {};
  const requests = requests_per_minute ?? perMinute;
  if (requests !== undefined) rates.requests_per_minute = requests;
  if (tokens_per_minute !== undefined) rates.tokens_per_minute = tokens_per_minute;
  if (windows !== undefined) rates.windows = windows;
  else if (hasDefaults && defaults.windows.length > 0) rates.windows = defaults.windows;
  return rates;
}

type Limits = Map<number, number>;

/** By length in seconds; of two limits of the same length, the lower applies. */
function limitsOf(
  scope: LimitedScope,
  own: RateWindows,
  defaults: DefaultLimits,
): { requests: Limits; tokens: Limits } {
  const rates = effectiveRates(scope, own, defaults);
  const requests: Limits = new Map();
  const tokens: Limits = new Map();
  const add = (limits: Limits, seconds: number, limit: number | undefined) => {
    if (limit !== undefined) limits.set(seconds, Math.min(limit, limits.get(seconds) ?? limit));
  };
  add(requests, MINUTE_S, rates.requests_per_minute);
  add(tokens, MINUTE_S, rates.tokens_per_minute);
  for (const window of rates.windows ?? []) {
    add(requests, window.seconds, window.requests);
    add(tokens, window.seconds, window.tokens);
  }
  return { requests, tokens };
}

import type { RateWindows } from "#lib/db/schema/identity";

export type LimitedScope = "api_key" | "user" | "app" | "organization";

/** The limits of one of the caller's scopes, as its row has them. */
export type ScopeRates = { scope: LimitedScope; id: string; rates: RateWindows };

/**
 * At most `limit` in `seconds`. Requests count in a sliding window; tokens refill a bucket that holds a
 * minute's worth.
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

/**
 * The windows that a request counts in.
 * @param defaultPerMinute requests per minute for a key or an app that has no such limit; 0: unlimited
 */
export function windowsOf(
  organizationId: string,
  scopes: readonly ScopeRates[],
  defaultPerMinute: number,
): RateWindow[] {
  return scopes.flatMap(({ scope, id, rates }) => {
    // One hash slot for all windows of a request: a Redis cluster runs a script on one node only.
    const key = (name: string) => `{${organizationId}}:${scope}:${id}:${name}`;
    const windows: RateWindow[] = [];
    for (const [seconds, limit] of requestLimits(scope, rates, defaultPerMinute)) {
      windows.push({ key: key(`requests:${seconds}`), scope, unit: "requests", limit, seconds });
    }
    if (rates.tokens_per_minute !== undefined) {
      const limit = rates.tokens_per_minute;
      windows.push({ key: key("tokens"), scope, unit: "tokens", limit, seconds: MINUTE_S });
    }
    return windows;
  });
}

/** By length in seconds; of two limits of the same length, the lower applies. */
function requestLimits(
  scope: LimitedScope,
  rates: RateWindows,
  defaultPerMinute: number,
): Map<number, number> {
  const limits = new Map<number, number>();
  const add = (seconds: number, limit: number) =>
    limits.set(seconds, Math.min(limit, limits.get(seconds) ?? limit));
  const hasDefault = defaultPerMinute > 0 && (scope === "api_key" || scope === "app");
  const perMinute = rates.requests_per_minute ?? (hasDefault ? defaultPerMinute : undefined);
  if (perMinute !== undefined) add(MINUTE_S, perMinute);
  for (const { requests, seconds } of rates.windows ?? []) add(seconds, requests);
  return limits;
}

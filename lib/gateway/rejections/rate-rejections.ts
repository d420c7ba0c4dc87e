import { ApiError } from "#lib/http/api-error";
import { durationText } from "#lib/limits/duration";
import type { LimitedScope, RateWindow, WindowState } from "#lib/limits/window";

/** What a request is told that will never fit, though it may be tried again shorter. */
const NEVER_FITS = { "retry-after": "60", "x-should-retry": "false" };

const WHOSE: Record<LimitedScope, string> = {
  api_key: "your key",
  user: "your user",
  app: "your app",
  organization: "your organization",
};

const PERIODS = new Map([
  [1, "second"],
  [60, "minute"],
  [3600, "hour"],
  [86_400, "day"],
]);

/** OpenAI's headers about rate limits: of the windows of requests, and of those of tokens, the tightest. */
export function rateHeaders(states: readonly WindowState[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const unit of ["requests", "tokens"] as const) {
    const tightest = tightestOf(states.filter(({ window }) => window.unit === unit));
    if (tightest === null) continue;
    headers[`x-ratelimit-limit-${unit}`] = String(tightest.window.limit);
    headers[`x-ratelimit-remaining-${unit}`] = String(tightest.remaining);
    headers[`x-ratelimit-reset-${unit}`] = durationText(tightest.resetMs);
  }
  return headers;
}

/** The one that refuses for longest; if none refuses, the one with the least left, and of these the last to be full. */
function tightestOf(states: readonly WindowState[]): WindowState | null {
  const [tightest] = states.toSorted(
    (a, b) => longer(a.waitMs, b.waitMs) || a.remaining - b.remaining || longer(a.resetMs, b.resetMs),
  );
  return tightest ?? null;
}

/** For sorting the longer first; two infinities are as long as each other. */
const longer = (a: number, b: number): number => (a === b ? 0 : b - a);

/** The refusal of a request that does not fit into one of its windows or more. */
export function rateRefused(states: readonly WindowState[]): ApiError {
  const blocking = tightestOf(states.filter(({ fits }) => !fits));
  if (blocking === null) throw new Error("no window refuses");
  const { window, waitMs } = blocking;
  if (!Number.isFinite(waitMs)) {
    return new ApiError(
      "rate_limit_exceeded",
      `The request has more tokens than ${WHOSE[window.scope]} may use: ${limitText(window)}. Send a shorter one.`,
      { headers: NEVER_FITS },
    );
  }
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new ApiError(
    "rate_limit_exceeded",
    `Rate limit reached for ${WHOSE[window.scope]}: ${limitText(window)}. Try again in ${durationText(seconds * 1000)}.`,
    { headers: { "retry-after": String(seconds) } },
  );
}

function limitText({ limit, unit, seconds }: RateWindow): string {
  const period = PERIODS.get(seconds);
  return `${limit} ${unit} ${period ? `per ${period}` : `in ${durationText(seconds * 1000)}`}`;
}

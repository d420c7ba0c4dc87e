import { ApiError } from "#lib/http/api-error";
import { durationText } from "#lib/limits/duration";
import type { RateWindow, WindowState } from "#lib/limits/window";
import { WHOSE } from "./whose";

/** For a request that never fits: retrying the same one is pointless. */
const NEVER_FITS = { "retry-after": "60", "x-should-retry": "false" };

const PERIODS = new Map([
  [1, "second"],
  [60, "minute"],
  [3600, "hour"],
  [86_400, "day"],
]);

/** OpenAI's rate limit headers, for the tightest window of requests and the tightest of tokens. */
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

/** The window that rejects for longest, else the one with the least left; ties go to the last to refill. */
function tightestOf(states: readonly WindowState[]): WindowState | null {
  const [tightest] = states.toSorted(
    (a, b) => longer(a.waitMs, b.waitMs) || a.remaining - b.remaining || longer(a.resetMs, b.resetMs),
  );
  return tightest ?? null;
}

/** Sorts the longer first; two infinities are equal, where subtracting would give NaN. */
const longer = (a: number, b: number): number => (a === b ? 0 : b - a);

/** The rejection of a request that does not fit at least one of its windows. */
export function rateRejected(states: readonly WindowState[]): ApiError {
  const blocking = tightestOf(states.filter(({ fits }) => !fits));
  if (blocking === null) throw new Error("no window rejects");
  const { window, waitMs } = blocking;
  if (!Number.isFinite(waitMs)) {
    return new ApiError(
      "rate_limit_exceeded",
      `The request has more tokens than the limit of ${WHOSE[window.scope]} allows: ${limitText(window)}. Shorten the request.`,
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

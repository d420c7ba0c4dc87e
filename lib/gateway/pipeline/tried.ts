import { formatUsd, type PicoUsd } from "#lib/credit/money";
import type { LedgerAttempt } from "#lib/db/schema/credit";
import type { Route } from "#lib/gateway/routing/routing";

/** What a request has tried, for its row. */
export type Tried = {
  /** Those that have failed, and the targets that were skipped. */
  attempts: LedgerAttempt[];
  /** How often it was sent. */
  sent: number;
  /** When it was first sent, from its arrival; null: never. */
  dispatchedMs: number | null;
  /** When the attempt that is under way began, on the clock of `performance.now()`; null: none is. */
  startedMs: number | null;
  /** Whether that attempt is the one that finds out whether its target is up again. */
  isProbe: boolean;
};

/** How an attempt ended. */
export type AttemptEnd = {
  outcome: LedgerAttempt["outcome"];
  httpStatus: number | null;
  reason: string | null;
  costPicoUsd: PicoUsd;
};

/** As much of a reason is kept. */
const MAX_REASON_CHARACTERS = 200;

export const nothingTried = (): Tried => ({
  attempts: [],
  sent: 0,
  dispatchedMs: null,
  startedMs: null,
  isProbe: false,
});

/** Notes that the request is sent to a target now. */
export function beginAttempt(tried: Tried, receivedAtMs: number, isProbe: boolean): void {
  const nowMs = performance.now();
  tried.sent += 1;
  tried.dispatchedMs ??= Math.round(nowMs - receivedAtMs);
  tried.startedMs = nowMs;
  tried.isProbe = isProbe;
}

/** Notes how the attempt under way has ended. */
export function endAttempt(
  tried: Tried,
  { target }: Pick<Route, "target">,
  receivedAtMs: number,
  { outcome, httpStatus, reason, costPicoUsd }: AttemptEnd,
): void {
  const nowMs = performance.now();
  const startedMs = tried.startedMs ?? nowMs;
  tried.startedMs = null;
  tried.attempts.push({
    provider: target.providerName,
    upstream_model: target.upstreamModel,
    started_ms: Math.round(startedMs - receivedAtMs),
    latency_ms: Math.round(nowMs - startedMs),
    http_status: httpStatus,
    outcome,
    reason: reason === null ? null : reason.slice(0, MAX_REASON_CHARACTERS),
    cost_usd: formatUsd(costPicoUsd),
  });
}

/** Notes that a target was not asked. */
export function skip(tried: Tried, route: Pick<Route, "target">, receivedAtMs: number, reason: string): void {
  endAttempt(tried, route, receivedAtMs, { outcome: "skipped", httpStatus: null, reason, costPicoUsd: 0n });
}

/** Says in an answer's headers how often the request was sent, if more than once. */
export function noteAttempts(headers: Record<string, string>, { sent }: Tried): Record<string, string> {
  if (sent > 1) headers["x-tollgate-attempts"] = String(sent);
  return headers;
}

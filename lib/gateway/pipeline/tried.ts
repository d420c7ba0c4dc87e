import { formatUsd, type PicoUsd } from "#lib/credit/money";
import type { LedgerAttempt } from "#lib/db/schema/credit";
import type { Route } from "#lib/gateway/routing/routing";
import type { Place } from "#lib/gateway/routing/target-rooms";

/** What a request has tried, for its row. */
export type Tried = {
  /** Those that have failed, and the targets that were skipped. */
  attempts: LedgerAttempt[];
  /** How often it was sent. */
  sent: number;
  /** When it was first sent, from its arrival; null: never. */
  dispatchedMs: number | null;
};

/** An attempt that is under way. */
export type UnderWay = {
  route: Route;
  place: Place;
  /** When it began, on the clock of `performance.now()`. */
  startedMs: number;
  /** Whether it finds out whether its target is up again. */
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

export const nothingTried = (): Tried => ({ attempts: [], sent: 0, dispatchedMs: null });

/** Notes that the request is sent to a target now. */
export function beginAttempt(
  tried: Tried,
  receivedAtMs: number,
  attempt: Omit<UnderWay, "startedMs">,
): UnderWay {
  const startedMs = performance.now();
  tried.sent += 1;
  tried.dispatchedMs ??= Math.round(startedMs - receivedAtMs);
  return { ...attempt, startedMs };
}

/** Notes how an attempt has ended. */
export function endAttempt(
  tried: Tried,
  { route: { target }, startedMs }: Pick<UnderWay, "route" | "startedMs">,
  receivedAtMs: number,
  { outcome, httpStatus, reason, costPicoUsd }: AttemptEnd,
): LedgerAttempt {
  const nowMs = performance.now();
  const ended = {
    provider: target.providerName,
    upstream_model: target.upstreamModel,
    started_ms: Math.round(startedMs - receivedAtMs),
    latency_ms: Math.round(nowMs - startedMs),
    http_status: httpStatus,
    outcome,
    reason: reason === null ? null : reason.slice(0, MAX_REASON_CHARACTERS),
    cost_usd: formatUsd(costPicoUsd),
  };
  tried.attempts.push(ended);
  return ended;
}

/** Notes what an attempt costs by its report, which came later. */
export function correctCost(attempt: LedgerAttempt, costPicoUsd: PicoUsd): void {
  attempt.cost_usd = formatUsd(costPicoUsd);
}

/** Notes that a target was not asked. */
export function skip(tried: Tried, route: Route, receivedAtMs: number, reason: string): void {
  const end: AttemptEnd = { outcome: "skipped", httpStatus: null, reason, costPicoUsd: 0n };
  endAttempt(tried, { route, startedMs: performance.now() }, receivedAtMs, end);
}

/** Says in an answer's headers how often the request was sent, if more than once. */
export function noteAttempts(headers: Record<string, string>, { sent }: Tried): Record<string, string> {
  if (sent > 1) headers["x-tollgate-attempts"] = String(sent);
  return headers;
}

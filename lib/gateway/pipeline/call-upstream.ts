import type { PicoUsd } from "#lib/credit/money";
import { costPicoUsd, type Usage } from "#lib/credit/prices/price";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { readProviderError, TargetFailed } from "#lib/gateway/provider-errors/provider-error";
import { rejected } from "#lib/gateway/rejections/rejected";
import type { Route } from "#lib/gateway/routing/routing";
import { estimatedUsage, estimateUnseenOutput } from "#lib/gateway/sizing/estimate";
import { ApiError, type ErrorFields } from "#lib/http/api-error";
import type { Cancellation } from "#lib/providers/cancellation";
import { UpstreamTimeout, UpstreamUnreachable } from "#lib/providers/upstream-error";
import type { UpstreamAnswer } from "#lib/providers/wire";
import type { Admission } from "./admission";
import type { ClientDisconnect } from "./client-disconnect";
import { type Flight, settleFlight } from "./flight";
import { type OpenStream, openStream, StreamFailed } from "./open-stream";

/** The provider's answer, and what earlier attempts at other targets may have cost. */
export type Answered = { route: Route; earlierPicoUsd: PicoUsd } & (
  | { kind: "whole"; answer: UpstreamAnswer }
  | { kind: "stream"; stream: OpenStream }
  | { kind: "error"; status: number; error: ErrorFields }
);

/** Why a target did not answer. `mayBill`: it received the request and may bill it. */
type Failure = { error: ApiError; mayBill: boolean; final: boolean };

const LONGEST_RETRY_AFTER_S = 60;

/**
 * Sends the request to the model's targets in turn until one answers; a stream has answered once its first
 * event is there. If none does, the hold is settled: released if no provider can have billed it.
 * @throws ApiError upstream_rate_limited, upstream_error, upstream_timeout, client_closed_request
 */
export async function callUpstream(flight: Flight): Promise<Answered> {
  const { gateway, admission, disconnect } = flight;
  let earlierPicoUsd = 0n;
  const failures: Failure[] = [];
  let last: { route: Route; usage: Usage | null } = { route: admission.routes[0], usage: null };
  for (const route of admission.routes) {
    if (disconnect.isGone()) {
      // No client waits for an answer, and no other target has been asked for one.
      failures.push({ error: clientGone(), mayBill: false, final: true });
      break;
    }
    if (last.usage !== null) earlierPicoUsd += costPicoUsd(last.usage, last.route.rates);
    try {
      return await attempt(gateway, admission, route, earlierPicoUsd, disconnect.stop);
    } catch (error) {
      const failure = failureOf(error, disconnect);
      gateway.log.warn(
        { requestId: admission.hold.id, provider: route.target.providerName, err: error },
        "target failed",
      );
      failures.push(failure);
      last = { route, usage: failure.mayBill ? unansweredUsage(admission) : null };
      if (failure.final) break;
    }
  }
  const error = overall(failures);
  const { rateHeaders } = await settleFlight(flight, {
    route: last.route,
    usage: last.usage,
    usageSource: "estimated",
    earlierPicoUsd,
    httpStatus: error.status,
    errorCode: error.code,
    ttftMs: null,
  });
  throw rejected(error, { headers: rateHeaders });
}

async function attempt(
  gateway: Gateway,
  { dialect, call, hold, outputLimit }: Admission,
  route: Route,
  earlierPicoUsd: PicoUsd,
  cancellation: Cancellation,
): Promise<Answered> {
  const { target, wire } = route;
  const answer = await gateway.exchange({
    target,
    wire,
    stream: call.stream,
    body: dialect.edit(call, {
      upstreamModel: target.upstreamModel,
      outputLimitTokens: outputLimit?.tokens ?? null,
      outputLimitField: wire.outputLimitField,
    }),
    requestId: hold.id,
    timeoutMs: gateway.requestTimeoutMs,
    cancellation,
  });
  const { status } = answer;
  if (status >= 400) {
    return { kind: "error", status, error: await readProviderError(answer, target), route, earlierPicoUsd };
  }
  if (status !== 200) {
    // A redirect or an empty success is no answer.
    answer.body.cut();
    throw new TargetFailed(status, null);
  }
  if (!call.stream) return { kind: "whole", answer, route, earlierPicoUsd };
  const stream = await openStream(answer, dialect.events, call, cancellation);
  return { kind: "stream", stream, route, earlierPicoUsd };
}

/** What a target may bill that received the request but did not answer it. */
function unansweredUsage({ inputTokenEstimate, outputTokenBound, receivedAtMs }: Admission): Usage {
  const unseen = estimateUnseenOutput(performance.now() - receivedAtMs, outputTokenBound);
  return estimatedUsage(inputTokenEstimate, unseen);
}

function failureOf(error: unknown, disconnect: ClientDisconnect): Failure {
  if (disconnect.stop.isCancelled()) return { error: clientGone(), mayBill: true, final: true };
  const failure = failureOfProvider(error);
  return disconnect.isGone() ? { ...failure, error: clientGone(), final: true } : failure;
}

const clientGone = () => new ApiError("client_closed_request", "The client closed the connection.");

function failureOfProvider(error: unknown): Failure {
  if (error instanceof TargetFailed) {
    const { status, retryAfterSeconds } = error;
    if (status !== 429) return { error: upstreamError(error), mayBill: false, final: false };
    const seconds = Math.min(retryAfterSeconds ?? 1, LONGEST_RETRY_AFTER_S);
    const limited = new ApiError(
      "upstream_rate_limited",
      "The provider's rate limit is reached. Try again later.",
      {
        headers: { "retry-after": String(Math.max(1, seconds)) },
        cause: error,
      },
    );
    return { error: limited, mayBill: false, final: false };
  }
  if (error instanceof UpstreamTimeout) {
    const timeout = new ApiError("upstream_timeout", `${error.message}.`, { cause: error });
    // With another target the client would wait as long again.
    return { error: timeout, mayBill: error.dispatched, final: error.dispatched };
  }
  const mayBill = error instanceof UpstreamUnreachable ? error.dispatched : true;
  return { error: upstreamError(error), mayBill, final: false };
}

function upstreamError(cause: unknown): ApiError {
  const known =
    cause instanceof TargetFailed || cause instanceof UpstreamUnreachable || cause instanceof StreamFailed;
  const message = known ? cause.message : "The provider could not serve the request";
  return new ApiError("upstream_error", `${message}.`, { cause });
}

/** Rate limited only if every target is; else the last other reason. */
function overall(failures: readonly Failure[]): ApiError {
  const errors = failures.map((failure) => failure.error);
  const serious = errors.findLast((error) => error.code !== "upstream_rate_limited");
  const soonest = errors.toSorted(
    (a, b) => Number(a.headers["retry-after"]) - Number(b.headers["retry-after"]),
  )[0];
  const error = serious ?? soonest;
  if (!error) throw new Error("a request without a target was sent upstream");
  return error;
}

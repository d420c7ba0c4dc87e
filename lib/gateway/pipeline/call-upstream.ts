import type { PicoUsd } from "#lib/credit/money";
import { costPicoUsd } from "#lib/credit/prices/price";
import { setFields } from "#lib/dialects/text/json-fields";
import type { Gateway } from "#lib/gateway/ports/gateway";
import {
  readRefusal,
  TargetRefused,
  type UpstreamRefusal,
} from "#lib/gateway/provider-errors/provider-error";
import type { Route } from "#lib/gateway/routing/routing";
import { estimatedUsage, estimateUnseenOutput } from "#lib/gateway/sizing/estimate";
import { ApiError } from "#lib/http/api-error";
import type { Cancellation } from "#lib/providers/cancellation";
import { UpstreamTimeout, UpstreamUnreachable } from "#lib/providers/upstream-error";
import type { ReportedUsage } from "#lib/providers/usage";
import { type Target, type UpstreamAnswer, type Wire, wireFor } from "#lib/providers/wire";
import type { Admission } from "./admit";
import type { Departure } from "./client-disconnect";
import { closeHold } from "./close-hold";
import { type OpenStream, openStream, StreamFailed } from "./open-stream";

/** What goes to the client, who gave it, and what earlier attempts at others may have cost. */
export type Answered = { route: Route; earlierPicoUsd: PicoUsd } & (
  | { kind: "whole"; answer: UpstreamAnswer }
  | { kind: "stream"; stream: OpenStream }
  | { kind: "refusal"; refusal: UpstreamRefusal }
);

/** Why one target did not serve. `mayBill`: it had the request and may have worked on it. */
type Failure = { error: ApiError; mayBill: boolean; final: boolean };

const LONGEST_RETRY_AFTER_S = 60;

/**
 * Sends the request to the model's targets in turn until one answers; a stream has answered once its
 * first event is there. When none does, the hold is closed: released if nobody can have billed it.
 * @throws ApiError upstream_rate_limited, upstream_error, upstream_timeout, client_closed_request
 */
export async function callUpstream(
  gateway: Gateway,
  admission: Admission,
  departure: Departure,
): Promise<Answered> {
  let earlierPicoUsd = 0n;
  const failures: Failure[] = [];
  let last: { route: Route; usage: ReportedUsage | null } = { route: admission.routes[0], usage: null };
  for (const route of admission.routes) {
    if (departure.hasLeft()) {
      // Nobody waits for an answer, and no other target has been asked for one.
      failures.push({ error: clientGone(), mayBill: false, final: true });
      break;
    }
    if (last.usage !== null) earlierPicoUsd += costPicoUsd(last.usage, last.route.rates);
    try {
      return await attempt(gateway, admission, route, earlierPicoUsd, departure.enough);
    } catch (error) {
      const failure = failureOf(error, departure);
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
  await closeHold(gateway, admission, {
    ...last,
    usageSource: "estimated",
    earlierPicoUsd,
    httpStatus: error.status,
    errorCode: error.code,
    ttftMs: null,
  });
  throw error;
}

async function attempt(
  gateway: Gateway,
  { request, hold, outputLimit }: Admission,
  route: Route,
  earlierPicoUsd: PicoUsd,
  unwanted: Cancellation,
): Promise<Answered> {
  const { target } = route;
  const wire = wireFor(target, "chat");
  const answer = await gateway.exchange({
    target,
    wire,
    stream: request.stream,
    body: upstreamBody(request, target, wire, outputLimit?.tokens ?? null),
    requestId: hold.id,
    timeoutMs: gateway.requestTimeoutMs,
    cancellation: unwanted,
  });
  if (answer.status >= 400) {
    return { kind: "refusal", refusal: await readRefusal(answer, target), route, earlierPicoUsd };
  }
  if (answer.status !== 200) {
    // A redirect or an empty success: nothing that a chat completion can be.
    answer.body.cut();
    throw new TargetRefused(answer.status, null);
  }
  if (!request.stream) return { kind: "whole", answer, route, earlierPicoUsd };
  const stream = await openStream(answer, { passUsage: request.includeUsage }, unwanted);
  return { kind: "stream", stream, route, earlierPicoUsd };
}

/**
 * The client's own text, with the model as the target calls it, the bound that the hold covers where the
 * client's is not that, and, on a stream, usage asked for.
 */
function upstreamBody(
  request: Admission["request"],
  target: Target,
  wire: Wire,
  outputLimitTokens: number | null,
): string {
  const values: Record<string, string> = {};
  if (request.model !== target.upstreamModel) values.model = JSON.stringify(target.upstreamModel);
  if (request.stream && !request.includeUsage) {
    values.stream_options = JSON.stringify({ ...request.streamOptions, include_usage: true });
  }
  if (outputLimitTokens !== null) {
    for (const field of limitFieldsOf(request, wire)) values[field] = String(outputLimitTokens);
  }
  return setFields(request.json, request.fields, values);
}

/** What the client called it; else the wire's name for it. */
function limitFieldsOf(request: Admission["request"], wire: Wire): string[] {
  const given = ["max_tokens", "max_completion_tokens"].filter((name) => request.fields.has(name));
  if (given.length > 0) return given;
  return wire.outputLimitField === null ? [] : [wire.outputLimitField];
}

/** What a target may have billed that had the request and did not answer it. */
function unansweredUsage({ inputTokenEstimate, outputTokenBound, receivedAtMs }: Admission): ReportedUsage {
  const unseen = estimateUnseenOutput(performance.now() - receivedAtMs, outputTokenBound);
  return estimatedUsage(inputTokenEstimate, unseen);
}

function failureOf(error: unknown, departure: Departure): Failure {
  if (departure.enough.isCancelled()) return { error: clientGone(), mayBill: true, final: true };
  const failure = providersFailure(error);
  return departure.hasLeft() ? { ...failure, error: clientGone(), final: true } : failure;
}

const clientGone = () => new ApiError("client_closed_request", "The client closed the connection.");

function providersFailure(error: unknown): Failure {
  if (error instanceof TargetRefused) {
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
    // Another target would make the client wait as long again.
    return { error: timeout, mayBill: error.dispatched, final: error.dispatched };
  }
  const mayBill = error instanceof UpstreamUnreachable ? error.dispatched : true;
  return { error: upstreamError(error), mayBill, final: false };
}

function upstreamError(cause: unknown): ApiError {
  const known =
    cause instanceof TargetRefused || cause instanceof UpstreamUnreachable || cause instanceof StreamFailed;
  const message = known ? cause.message : "The provider could not serve the request";
  return new ApiError("upstream_error", `${message}.`, { cause });
}

/** Rate limited only if every target said so; else the last one's reason. */
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

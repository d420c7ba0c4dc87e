import { raiseHold } from "#lib/credit/ledger/raise-hold";
import type { PicoUsd } from "#lib/credit/money";
import type { Usage } from "#lib/credit/prices/meters";
import { costPicoUsd } from "#lib/credit/prices/price";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { completedUsage } from "#lib/dialects/partial-usage";
import { isPartial } from "#lib/dialects/usage";
import { rejected } from "#lib/gateway/rejections/rejected";
import type { Route } from "#lib/gateway/routing/routing";
import { targetKey } from "#lib/gateway/routing/target-key";
import { pause } from "#lib/providers/cancellation";
import type { Admission } from "./admission";
import { type Answered, attempt } from "./attempt";
import { type FailedAttempt, failedAttempt, goneBefore, hadNoRoom, overall } from "./failed-attempt";
import { chargeEarlier, type Flight, follow, learn, occupy, resend, settleFlight } from "./flight";
import { likelyUsage } from "./likely-input";
import { outputIfLeft, outputOfError } from "./likely-output";
import { UNBOUNDED_OUTPUT_TOKENS } from "./rate-limit";
import { retryDelayMs } from "./retry-delay";
import { isForLater, type Queued, targetQueue } from "./target-queue";
import { beginAttempt, endAttempt, noteAttempts, skip } from "./tried";

const RAISE_DEADLINE_MS = 5_000;
/** A process without a timer of its own asks this often which targets are down. */
const SYNCED_MS = 1_000;

/** How long a request waits for a place at one target. */
const PATIENCE_MS = 1_000;
/** With less time left, nothing more is tried. */
const LEAST_MS = 20;
/** How long a target is left alone that does not say for how long. */
const COOL_MS = 1_000;
const MOST_COOL_MS = 60_000;

/** What the last target bills. */
type Last = { route: Route; usage: Usage | null; usageSource: "provider" | "estimated" };

/** What has failed so far, and how long the request has waited before it tried targets again. */
type Trip = { failures: FailedAttempt[]; last: Last; waitedMs: number };

/**
 * Sends the request to the model's targets in turn until one answers: with a whole body, the first content of a
 * stream, or an error about the request. Each is tried again if that may help. If none answers, or the hold cannot be raised
 * by what a failed one bills, the hold is settled: released if no provider bills it.
 * @throws ApiError upstream_rate_limited, upstream_error, upstream_timeout, client_closed_request
 */
export async function callUpstream(flight: Flight): Promise<Answered> {
  const { gateway, admission, tried } = flight;
  void gateway.breakers.sync(SYNCED_MS);
  const { queue, passedOver } = targetQueue(admission.routes, gateway.breakers);
  const down = new Set<Route>();
  const passOver = (route: Route) => {
    if (!down.has(route)) skip(tried, route, admission.receivedAtMs, "it is down");
    down.add(route);
  };
  passedOver.forEach(passOver);
  const trip: Trip = {
    failures: [],
    last: { route: admission.routes[0], usage: null, usageSource: "estimated" },
    waitedMs: 0,
  };
  /** Targets that fail whatever the credentials. */
  const failed = new Set<string>();
  const left = [...queue];
  for (let queued = left.shift(); queued !== undefined; queued = left.shift()) {
    const place = placeOf(queued.route);
    if (failed.has(place)) {
      skip(tried, queued.route, admission.receivedAtMs, "it failed with other credentials");
      continue;
    }
    if (isForLater(queued, left, gateway.breakers)) {
      passOver(queued.route);
      left.push(queued);
      continue;
    }
    const said = await tryTarget(flight, trip, queued, left.length > 0);
    if (said === "stop") break;
    if (said !== "next") return said;
    if (trip.failures.at(-1)?.isOfCredential === false) failed.add(place);
  }
  const error = overall(trip.failures);
  const { last } = trip;
  const { rateHeaders } = await settleFlight(flight, {
    route: last.route,
    usage: last.usage,
    usageSource: last.usageSource,
    httpStatus: error.status,
    errorCode: error.code,
    ttftMs: null,
    statedCostPicoUsd: null,
  });
  throw rejected(error, { headers: noteAttempts({ ...rateHeaders }, tried) });
}

/** Sends the request to one target, and again as often as its model allows and there is reason to. */
async function tryTarget(
  flight: Flight,
  trip: Trip,
  { route, isProbe }: Queued,
  hasOthers: boolean,
): Promise<Answered | "next" | "stop"> {
  const { gateway, admission, disconnect, tried } = flight;
  const leftMs = () => flight.deadlineMs - performance.now();
  for (let again = 0; ; again++) {
    if (disconnect.isGone()) {
      trip.failures.push(goneBefore());
      return "stop";
    }
    const entering = gateway.rooms.enter(
      route,
      likelyTokens(admission),
      Math.min(PATIENCE_MS, leftMs()),
      disconnect.gone,
    );
    const place = entering instanceof Promise ? await entering : entering;
    if ("isFull" in place) {
      skip(tried, route, admission.receivedAtMs, place.reason);
      trip.failures.push(hadNoRoom(place.waitMs));
      return "next";
    }
    if (!(await payBefore(flight, trip))) {
      place.leave(0);
      return "stop";
    }
    occupy(flight, place);
    follow(flight, route);
    beginAttempt(tried, admission.receivedAtMs, isProbe);
    const stop = disconnect.stopFor(route);
    try {
      const enough = admission.awaitsInput && !disconnect.readsOn(route) ? disconnect.gone : null;
      const { answer: count, deadlineMs } = flight;
      const said = await attempt(gateway, admission, route, { stop, enough, count, deadlineMs });
      if (said.kind !== "error") noteAnswered(flight, route);
      learn(flight, said.learnt);
      resend(flight, said.call);
      return { route, ...said };
    } catch (error) {
      const failure = failedAttempt(error, disconnect, stop);
      gateway.log.warn(
        { requestId: admission.hold.id, provider: route.target.providerName, err: error },
        "target failed",
      );
      await noteFailed(flight, trip, route, failure);
      if (failure.final || leftMs() < LEAST_MS) return "stop";
      const chance = { again, waitedMs: trip.waitedMs, hasOthers, leftMs: leftMs() };
      const delayMs = again < admission.model.retries ? retryDelayMs(failure, chance) : null;
      if (delayMs === null) return "next";
      trip.waitedMs += delayMs;
      await pause(delayMs, disconnect.gone);
    }
  }
}

/** A stream has answered with its first content, others with all. */
function noteAnswered({ gateway, admission, tried }: Flight, { target }: Route): void {
  const { conversation, call } = admission;
  if (conversation !== null) gateway.conversations.note(conversation.key, targetKey(target));
  if (tried.startedMs !== null)
    gateway.targets.noteFirstContent(target, call.stream, performance.now() - tried.startedMs);
}

const placeOf = ({ target }: Route): string => `${target.providerId} ${target.upstreamModel}`;

const likelyTokens = ({ inputTokenEstimate, outputTokenBound, call }: Admission): number =>
  inputTokenEstimate + (call.maxOutputTokens === null ? UNBOUNDED_OUTPUT_TOKENS : outputTokenBound);

/** Notes a failed attempt: what it bills, for the row, and what it says of its target. */
async function noteFailed(flight: Flight, trip: Trip, route: Route, failure: FailedAttempt): Promise<void> {
  const { gateway, admission, tried, place } = flight;
  const met = {
    organizationId: admission.hold.payer.organizationId,
    startedMs: tried.startedMs ?? 0,
    isProbe: tried.isProbe,
  };
  const reason = failure.error.message;
  if (failure.blame === "down") gateway.breakers.noteFailure(route.target, { ...met, reason });
  else gateway.breakers.noteNothing(route.target, met);
  if (failure.blame === "busy") {
    const askedMs = (failure.retryAfterSeconds ?? 0) * 1_000;
    gateway.breakers.cool(route.target, Math.min(MOST_COOL_MS, Math.max(COOL_MS, askedMs)));
  }
  trip.failures.push(failure);
  const last = await billedBy(route, failure, flight);
  trip.last = last;
  const { usage } = last;
  endAttempt(tried, route, admission.receivedAtMs, {
    outcome: "failed",
    httpStatus: failure.status,
    reason,
    costPicoUsd: usage === null ? 0n : costPicoUsd(usage, route.rates),
  });
  place?.leave(usage === null ? 0 : usage.inputTokens + usage.outputTokens);
  occupy(flight, null);
}

/** Moves what the failed attempt bills to the earlier ones, if the hold covers another. */
async function payBefore(flight: Flight, trip: Trip): Promise<boolean> {
  const { usage, route } = trip.last;
  if (usage === null) return true;
  const billedPicoUsd = costPicoUsd(usage, route.rates);
  if (!(await isCovered(flight, billedPicoUsd))) return false;
  chargeEarlier(flight, billedPicoUsd);
  trip.last = { route, usage: null, usageSource: "estimated" };
  return true;
}

/**
 * Whether the hold covers another attempt after one that is billed: it is raised by that, since another attempt can
 * cost all of it.
 */
async function isCovered({ gateway, admission }: Flight, billedPicoUsd: PicoUsd): Promise<boolean> {
  const { hold, hasBudget, failOpen } = admission;
  if (billedPicoUsd === 0n) return true;
  // The allowance for outages has no such call.
  if (failOpen) return false;
  try {
    const isRaised = await gateway.watch.within(
      () => raiseHold(gateway.sql, hold.id, billedPicoUsd),
      RAISE_DEADLINE_MS,
    );
    // Without a budget the excess is an overrun.
    return isRaised || !hasBudget;
  } catch (error) {
    if (isDatabaseUnavailable(error)) return !hasBudget;
    throw error;
  }
}

/** What a failed target bills: its report, and an estimate for the rest if it may have served the request. */
async function billedBy(route: Route, failed: FailedAttempt, flight: Flight): Promise<Last> {
  const { reported, bills, error } = failed;
  if (reported === null && bills === "nothing") return { route, usage: null, usageSource: "estimated" };
  if (reported !== null && !isPartial(reported)) return { route, usage: reported, usageSource: "provider" };
  const output = unansweredOutput(route, failed, flight);
  const estimate = await likelyUsage(flight, route, error.code, output);
  const usage = reported === null ? estimate : completedUsage(reported, estimate);
  return { route, usage, usageSource: "estimated" };
}

/** Output tokens that a target may bill that received the request but did not answer it. */
function unansweredOutput(route: Route, { bills, isLeft }: FailedAttempt, flight: Flight): number {
  const { gateway, admission } = flight;
  const likely = outputOfError(gateway, admission, route, bills);
  return isLeft ? outputIfLeft(admission, route, likely) : likely;
}

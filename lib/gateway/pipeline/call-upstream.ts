import { rejected } from "#lib/gateway/rejections/rejected";
import type { Route } from "#lib/gateway/routing/routing";
import { placeOf } from "#lib/gateway/routing/target-key";
import type { ApiError } from "#lib/http/api-error";
import { pause } from "#lib/providers/cancellation";
import type { Answered } from "./attempt";
import { nothingBilled, payBefore } from "./bill-attempt";
import { goneBefore, hadNoRoom, overall } from "./failed-attempt";
import { type Flight, follow, leaveReport, type Settled, settleFlight } from "./flight";
import { sendHedged } from "./hedge";
import { allReported } from "./late-attempts";
import { retryDelayMs } from "./retry-delay";
import { enterTarget, type Trip } from "./send-attempt";
import { isForLater, type Queued, targetQueue } from "./target-queue";
import { beginAttempt, noteAttempts, skip } from "./tried";

/** A process without a timer of its own asks this often which targets are down. */
const SYNCED_MS = 1_000;

/** How long a request waits for a place at one target. */
const PATIENCE_MS = 1_000;
/** With less time left, nothing more is tried. */
const LEAST_MS = 20;

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
    last: nothingBilled(admission.routes[0]),
    reports: new Map(),
    waitedMs: 0,
    isHedged: false,
    failedBesides: new Map(),
    failed: new Set(),
  };
  const left = [...queue];
  for (let queued = left.shift(); queued !== undefined; queued = left.shift()) {
    const { route } = queued;
    if (hasFailed(trip, route) && !trip.failedBesides.has(route)) {
      skip(tried, route, admission.receivedAtMs, "it failed with other credentials");
      continue;
    }
    if (isForLater(queued, left, gateway.breakers)) {
      passOver(route);
      left.push(queued);
      continue;
    }
    const later = left.map((after) => after.route);
    const said = await tryTarget(flight, trip, queued, later);
    if (said === "stop") break;
    if (said !== "next") return said;
  }
  const error = overall(trip.failures);
  if (flight.late.length === 0) {
    const { rateHeaders } = await settleFailed(flight, trip, error);
    throw rejected(error, { headers: noteAttempts({ ...rateHeaders }, tried) });
  }
  // The client does not wait for what a late answer reports.
  void allReported(flight.late)
    .then(() => settleFailed(flight, trip, error))
    .catch((err) =>
      gateway.log.error({ err, request_id: admission.hold.id }, "settling a late answer failed"),
    );
  throw rejected(error, { headers: noteAttempts({}, tried) });
}

function settleFailed(flight: Flight, trip: Trip, error: ApiError): Promise<Settled> {
  const reported = trip.reports.get(trip.last);
  // Its bill is the row's own.
  if (reported !== undefined) leaveReport(flight, reported.late);
  return settleFlight(flight, {
    ...(reported?.exact ?? trip.last),
    httpStatus: error.status,
    errorCode: error.code,
    ttftMs: null,
    statedCostPicoUsd: null,
  });
}

/** Whether a target fails whatever the credentials. */
const hasFailed = ({ failed }: Trip, { target }: Route): boolean =>
  failed.size > 0 && failed.has(placeOf(target));

/**
 * Sends the request to one target, and again as often as its model allows and there is reason to.
 * @param later the targets after it
 */
async function tryTarget(
  flight: Flight,
  trip: Trip,
  { route, isProbe }: Queued,
  later: readonly Route[],
): Promise<Answered | "next" | "stop"> {
  const { gateway, admission, disconnect, tried } = flight;
  const { stateOf } = gateway.breakers;
  const leftMs = () => flight.deadlineMs - performance.now();
  const isUp = stateOf(route.target) === "closed";
  // The only one that is up is waited for like the only one.
  const hasOthers = () => (isUp ? later.some(mayAnswer) : later.length > 0);
  const mayAnswer = (other: Route) =>
    stateOf(other.target) === "closed" && (trip.failedBesides.has(other) || !hasFailed(trip, other));
  // As the second attempt, it was tried already.
  let failure = trip.failedBesides.get(route) ?? null;
  for (let tries = failure === null ? 0 : 1; ; tries++) {
    if (failure !== null) {
      const waited = { waitedMs: trip.waitedMs, hasOthers: hasOthers(), leftMs: leftMs() };
      const chance = { again: tries - 1, ...waited };
      const delayMs = tries <= admission.model.retries ? retryDelayMs(failure, chance) : null;
      if (delayMs === null) return "next";
      trip.waitedMs += delayMs;
      await pause(delayMs, disconnect.gone);
    }
    const entering = disconnect.isGone() ? null : enterTarget(flight, route, Math.min(PATIENCE_MS, leftMs()));
    const place = entering instanceof Promise ? await entering : entering;
    if (place === null || ("isFull" in place && disconnect.isGone())) {
      trip.failures.push(goneBefore());
      return "stop";
    }
    if ("isFull" in place) {
      skip(tried, route, admission.receivedAtMs, place.reason);
      trip.failures.push(hadNoRoom(place.waitMs));
      return "next";
    }
    if (!(await payBefore(flight, trip.last))) {
      place.leave(0);
      return "stop";
    }
    trip.last = nothingBilled(trip.last.route);
    const attempt = beginAttempt(tried, admission.receivedAtMs, { route, place, isProbe });
    follow(flight, attempt);
    const said = await sendHedged(flight, trip, attempt, later);
    if ("kind" in said) return said;
    failure = said;
    if (failure.final || leftMs() < LEAST_MS) return "stop";
  }
}

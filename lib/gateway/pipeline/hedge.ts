import { callerIdOf } from "#lib/auth/caller";
import type { AnswerCount } from "#lib/gateway/ports/answer-bytes";
import type { Route } from "#lib/gateway/routing/routing";
import { placeOf } from "#lib/gateway/routing/target-key";
import { boundOver } from "#lib/gateway/sizing/spending-bound";
import { newCancellation } from "#lib/providers/cancellation";
import type { Admission } from "./admission";
import type { Answered, Attempted } from "./attempt";
import { billedPicoUsd, billedTokens, billOf, holdMore, nothingBilled } from "./bill-attempt";
import { type FailedAttempt, type Outcome, refusedBesides, stoppedAttempt } from "./failed-attempt";
import { chargeEarlier, type Flight, follow, ifSweptBesides, sendBesides, stopBesides, take } from "./flight";
import { stoppedWith } from "./report-late";
import { chargeLast, enterTarget, noteFailed, sendAttempt, type Trip, takeAnswer } from "./send-attempt";
import { beginAttempt, endAttempt, skip, type UnderWay } from "./tried";
import { within } from "./within";

/** One of two attempts at the same time. */
type Runner = {
  attempt: UnderWay;
  /** Ends it. */
  stop: () => void;
  outcome: Promise<Outcome>;
  /** The same once it is there; null before. */
  ended: () => Outcome | null;
  /** What its answer takes of the memory. */
  count: AnswerCount;
};

/** Most end at once. */
const STOPPED_WITHIN_MS = 1_000;
/** With less time left, no second attempt is made. */
const LEAST_MS = 20;

/** The target that is asked besides `first`: the next one that is up, and not the same with other credentials. */
export const nextTarget = (
  first: Route,
  later: readonly Route[],
  isUp: (route: Route) => boolean,
): Route | null =>
  later.find((route) => placeOf(route.target) !== placeOf(first.target) && isUp(route)) ?? null;

/** What a second attempt is held for: all that it can cost. */
export const boundOfSecond = (
  {
    call,
    inputTokenBound,
    outputTokenBound,
  }: Pick<Admission, "call" | "inputTokenBound" | "outputTokenBound">,
  route: Route,
) => boundOver([route], call, inputTokenBound, outputTokenBound);

/**
 * Sends the request to a target, and, if the model says so and no content comes for long, to the next one as well. The
 * first content is served, and the other attempt is stopped.
 * @param later the targets that would be tried after it
 */
export async function sendHedged(
  flight: Flight,
  trip: Trip,
  attempt: UnderWay,
  later: readonly Route[],
): Promise<Answered | FailedAttempt> {
  const { admission, disconnect } = flight;
  const { hedgeAfterMs } = admission.model;
  // The allowance for outages cannot be raised. A stopped attempt reports nothing, and may have read the whole window.
  const isBarred = admission.failOpen || admission.awaitsReport;
  if (hedgeAfterMs === null || later.length === 0 || trip.isHedged || isBarred)
    return ended(
      flight,
      trip,
      attempt,
      await sendAttempt(flight, attempt, disconnect.stopFor(attempt.route)),
    );
  const first = run(flight, attempt, flight.answer);
  await within(hedgeAfterMs, first.outcome);
  const second = first.ended() === null ? await beginSecond(flight, trip, first, later) : null;
  if (second === null) return ended(flight, trip, attempt, await first.outcome);
  return race(flight, trip, first, second);
}

async function ended(
  flight: Flight,
  trip: Trip,
  attempt: UnderWay,
  outcome: Outcome,
): Promise<Answered | FailedAttempt> {
  if (outcome.kind === "failed") {
    await noteFailed(flight, trip, attempt, outcome.failure);
    return outcome.failure;
  }
  chargeLast(flight, trip);
  return takeAnswer(flight, attempt, outcome.said);
}

function run(flight: Flight, attempt: UnderWay, count: AnswerCount): Runner {
  const { cancel: stop, ...cancellation } = newCancellation();
  const unwatch = flight.disconnect.stopFor(attempt.route).onCancel(stop);
  let outcomeNow: Outcome | null = null;
  const outcome = sendAttempt({ ...flight, answer: count }, attempt, cancellation).then((came) => {
    unwatch();
    outcomeNow = came;
    return came;
  });
  return { attempt, stop, outcome, ended: () => outcomeNow, count };
}

/**
 * Begins the second attempt once it is held as well.
 * @returns null if there is no target, no room at it, or a budget does not cover both; or if the first one has ended
 */
async function beginSecond(
  flight: Flight,
  trip: Trip,
  first: Runner,
  later: readonly Route[],
): Promise<Runner | null> {
  const { gateway, admission, disconnect, tried } = flight;
  const isUp = ({ target }: Route) => gateway.breakers.stateOf(target) === "closed";
  const route = nextTarget(first.attempt.route, later, isUp);
  if (route === null || disconnect.isGone() || flight.deadlineMs - performance.now() < LEAST_MS) return null;
  trip.isHedged = true;
  const without = (reason: string) => {
    skip(tried, route, admission.receivedAtMs, `not asked besides: ${reason}`);
    return null;
  };
  if (!flight.body.addIfFits(admission.call.json.length)) return without("there is no memory for its body");
  const place = await enterTarget(flight, route, 0);
  if ("isFull" in place) return without(place.reason);
  const missing = flight.earlierPicoUsd + boundOfSecond(admission, route) - flight.raisedPicoUsd;
  const isHeld = missing <= 0n || (await holdMore(flight, missing, ifSweptBesides(flight, route)));
  if (!isHeld || first.ended() !== null || disconnect.isGone()) {
    place.leave(0);
    return isHeld ? null : without("a budget does not cover both attempts");
  }
  sendBesides(flight, route);
  const attempt = beginAttempt(tried, admission.receivedAtMs, { route, place, isProbe: false });
  return run(flight, attempt, gateway.answers.open(callerIdOf(admission.hold.payer)));
}

/** Waits for the first content, or for both to fail. */
async function race(
  flight: Flight,
  trip: Trip,
  first: Runner,
  second: Runner,
): Promise<Answered | FailedAttempt> {
  await Promise.race([first.outcome, second.outcome]);
  const early = second.ended();
  if (first.ended() === null && early !== null) {
    if (early.kind === "said" && early.said.kind !== "error")
      return serve(flight, trip, second, first, early.said);
    return afterSecond(flight, trip, first, second, early);
  }
  const came = await first.outcome;
  if (came.kind === "said") return serve(flight, trip, first, second, came.said);
  await noteFailed(flight, trip, first.attempt, came.failure);
  if (came.failure.final) {
    const { error } = came.failure;
    const failure = { ...(await stop(second)), error };
    sendBesides(flight, null);
    await noteFailed(flight, trip, second.attempt, failure);
    return came.failure;
  }
  followSecond(flight, second);
  const outcome = await second.outcome;
  if (outcome.kind === "failed") trip.failedBesides.set(second.attempt.route, outcome.failure);
  return ended(flight, trip, second.attempt, outcome);
}

/** Waits for the first attempt after the second one has failed, or has called the request wrong: that is said only if the first one fails. */
async function afterSecond(
  flight: Flight,
  trip: Trip,
  first: Runner,
  second: Runner,
  early: Outcome,
): Promise<Answered | FailedAttempt> {
  const failSecond = async (failure: FailedAttempt) => {
    sendBesides(flight, null);
    await noteFailed(flight, trip, second.attempt, failure);
  };
  if (early.kind === "failed") {
    trip.failedBesides.set(second.attempt.route, early.failure);
    await failSecond(early.failure);
    return ended(flight, trip, first.attempt, await first.outcome);
  }
  const came = await first.outcome;
  const { said } = early;
  if (said.kind === "error" && (came.kind === "said" || came.failure.final))
    await failSecond(refusedBesides(said.passed));
  const answer = await ended(flight, trip, first.attempt, came);
  if (came.kind === "said" || came.failure.final) return answer;
  followSecond(flight, second);
  return ended(flight, trip, second.attempt, early);
}

function followSecond(flight: Flight, { attempt, count }: Runner): void {
  follow(flight, attempt);
  take(flight, count);
  sendBesides(flight, null);
}

/** Serves what one attempt has said, and stops the other one. */
function serve(flight: Flight, trip: Trip, winner: Runner, loser: Runner, said: Attempted): Answered {
  sendBesides(flight, loser.attempt.route);
  take(flight, winner.count);
  stopBesides(flight, chargeStopped(flight, loser));
  chargeLast(flight, trip);
  return takeAnswer(flight, winner.attempt, said);
}

/**
 * Charges what a stopped attempt may bill. Its target has not failed, but was slower than another: if it was to find out
 * whether the target is up again, that stays open, and is no matter of the next request. Never rejects.
 */
async function chargeStopped(flight: Flight, loser: Runner): Promise<void> {
  const { gateway, admission, tried } = flight;
  const { attempt } = loser;
  const { route, startedMs } = attempt;
  gateway.targets.noteWaited(route.target, admission.call.stream, performance.now() - startedMs);
  const failure = await stop(loser);
  let bill = nothingBilled(route);
  let costPicoUsd = boundOfSecond(admission, route);
  try {
    bill = await billOf(flight, attempt, failure);
    costPicoUsd = billedPicoUsd(bill);
  } catch (error) {
    gateway.log.error(
      { err: error, request_id: admission.hold.id },
      "a stopped attempt is charged its bound",
    );
  }
  chargeEarlier(flight, costPicoUsd);
  sendBesides(flight, null);
  const reason = failure.error.message;
  endAttempt(tried, attempt, admission.receivedAtMs, {
    outcome: "hedged",
    httpStatus: null,
    reason,
    costPicoUsd,
  });
  attempt.place.leave(billedTokens(bill));
}

/** Stops an attempt. Resolves with what it may bill, which no answer waits for if it does not end. */
async function stop(runner: Runner): Promise<FailedAttempt> {
  runner.stop();
  await within(STOPPED_WITHIN_MS, runner.outcome);
  const outcome = runner.ended();
  if (outcome !== null) return stoppedWith(outcome, runner.count);
  void runner.outcome.then((late) => stoppedWith(late, runner.count));
  return stoppedAttempt(null, { bills: "output_so_far", isLeft: true });
}

import type { LedgerAttempt } from "#lib/db/schema/credit";
import type { Route } from "#lib/gateway/routing/routing";
import { placeOf, targetKey } from "#lib/gateway/routing/target-key";
import type { Cancellation } from "#lib/providers/cancellation";
import type { Lateness } from "#lib/providers/wire";
import { type Answered, type Attempted, attempt } from "./attempt";
import { type Bill, billedPicoUsd, billedTokens, billOf, nothingBilled } from "./bill-attempt";
import { type FailedAttempt, failedAttempt, type LateReport, type Outcome } from "./failed-attempt";
import { awaitReport, chargeEarlier, type Flight, follow, learn, resend } from "./flight";
import type { LateAttempt } from "./late-attempts";
import { UNBOUNDED_OUTPUT_TOKENS } from "./rate-limit";
import { readOnMsFor, sendAwaited } from "./report-late";
import { correctCost, endAttempt, type UnderWay } from "./tried";

/** How long a target is left alone that does not say for how long. */
const COOL_MS = 1_000;
const MOST_COOL_MS = 60_000;

/** What has failed so far. */
export type Trip = {
  failures: FailedAttempt[];
  /** What the last failed attempt bills, unless that is among the earlier ones already. */
  last: Bill;
  /** What bills of late attempts are by their reports. */
  reports: Map<Bill, { exact: Bill; late: LateAttempt }>;
  /** How long the request has waited before it tried targets again. */
  waitedMs: number;
  /** Whether a second attempt at the same time was made, or could not be: there is one at most. */
  isHedged: boolean;
  /** Targets that have failed as the second attempt. */
  failedBesides: Map<Route, FailedAttempt>;
  /** Targets that fail whatever the credentials (placeOf). */
  failed: Set<string>;
};

/** A place at a target, within a time. */
export const enterTarget = ({ gateway, admission, disconnect }: Flight, route: Route, patienceMs: number) =>
  gateway.rooms.enter(route, likelyTokens(admission), patienceMs, disconnect.gone);

/** What a request takes of its target's tokens a minute until its usage is known. */
export const likelyTokens = ({
  inputTokenEstimate,
  outputTokenBound,
  call,
}: Pick<Flight["admission"], "inputTokenEstimate" | "outputTokenBound" | "call">): number =>
  inputTokenEstimate + (call.maxOutputTokens === null ? UNBOUNDED_OUTPUT_TOKENS : outputTokenBound);

/** Sends the request to a target. Never rejects. @param stop ends the attempt */
export async function sendAttempt(
  {
    gateway,
    admission,
    disconnect,
    answer: count,
    deadlineMs,
  }: Pick<Flight, "gateway" | "admission" | "disconnect" | "answer" | "deadlineMs">,
  { route }: UnderWay,
  stop: Cancellation,
): Promise<Outcome> {
  const enough = admission.awaitsInput && !disconnect.readsOn(route) ? disconnect.gone : null;
  async function send(stopped: Cancellation, late: Lateness | null): Promise<Outcome> {
    try {
      const ends = { stop: stopped, enough, count, late, deadlineMs };
      return { kind: "said", said: await attempt(gateway, admission, route, ends) };
    } catch (error) {
      const failure = failedAttempt(error, disconnect, stopped);
      if (!stopped.isCancelled())
        gateway.log.warn(
          { request_id: admission.hold.id, provider: route.target.providerName, err: error },
          "target failed",
        );
      return { kind: "failed", failure };
    }
  }
  if (!admission.awaitsReport) return send(stop, null);
  return sendAwaited(send, { stop, count, disconnect, readOnMs: readOnMsFor(gateway, admission) });
}

/** Takes what a target has said as the answer: a stream's first content, or all of others. */
export function takeAnswer(flight: Flight, attempt: UnderWay, said: Attempted): Answered {
  const { gateway, admission } = flight;
  const { target } = attempt.route;
  const { conversation, call } = admission;
  follow(flight, attempt);
  if (said.kind !== "error") {
    if (conversation !== null) gateway.conversations.note(conversation.key, targetKey(target));
    gateway.targets.noteFirstContent(target, call.stream, performance.now() - attempt.startedMs);
  }
  learn(flight, said.learnt);
  resend(flight, said.call);
  return { route: attempt.route, ...said };
}

/** Notes a failed attempt: what it bills, for the row, and what it says of its target. */
export async function noteFailed(
  flight: Flight,
  trip: Trip,
  attempt: UnderWay,
  failure: FailedAttempt,
): Promise<void> {
  const { gateway, admission, tried } = flight;
  const { route, startedMs, isProbe } = attempt;
  const met = { organizationId: admission.hold.payer.organizationId, startedMs, isProbe };
  const reason = failure.error.message;
  if (failure.blame === "down") gateway.breakers.noteFailure(route.target, { ...met, reason });
  else gateway.breakers.noteNothing(route.target, met);
  if (failure.blame === "busy") {
    const askedMs = (failure.retryAfterSeconds ?? 0) * 1_000;
    gateway.breakers.cool(route.target, Math.min(MOST_COOL_MS, Math.max(COOL_MS, askedMs)));
  }
  trip.failures.push(failure);
  if (failure.isOfCredential) trip.failed.delete(placeOf(route.target));
  else trip.failed.add(placeOf(route.target));
  const bill = await billOf(flight, attempt, failure);
  // What is held for two attempts covers both.
  chargeLast(flight, trip);
  trip.last = bill;
  const ended = endAttempt(tried, attempt, admission.receivedAtMs, {
    outcome: "failed",
    httpStatus: failure.status,
    reason,
    costPicoUsd: billedPicoUsd(bill),
  });
  if (failure.late === undefined) attempt.place.leave(billedTokens(bill));
  else noteLate(flight, trip, attempt, failure.late, bill, ended);
  if (flight.underWay === attempt) follow(flight, null);
}

/** Notes an attempt that was late: its report replaces what it is charged, if it comes before the settlement. */
function noteLate(
  flight: Flight,
  trip: Trip,
  attempt: UnderWay,
  { report, cut }: LateReport,
  bill: Bill,
  ended: LedgerAttempt,
): void {
  const { gateway, admission } = flight;
  const chargedPicoUsd = billedPicoUsd(bill);
  async function correct(): Promise<void> {
    let exact = bill;
    try {
      exact = await billOf(flight, attempt, await report);
      const costPicoUsd = billedPicoUsd(exact);
      // A hold was raised by no more.
      if (costPicoUsd > chargedPicoUsd) exact = bill;
      else late.exactPicoUsd = costPicoUsd;
    } catch (error) {
      gateway.log.error({ err: error, request_id: admission.hold.id }, "a late attempt is charged its bound");
    }
    correctCost(ended, billedPicoUsd(exact));
    trip.reports.set(bill, { exact, late });
    attempt.place.leave(billedTokens(exact));
  }
  const late: LateAttempt = { chargedPicoUsd, exactPicoUsd: null, cut, done: Promise.resolve() };
  late.done = correct();
  awaitReport(flight, late);
}

/** Moves what the last failed attempt bills to the earlier ones. */
export function chargeLast(flight: Flight, trip: Trip): void {
  chargeEarlier(flight, billedPicoUsd(trip.last));
  trip.last = nothingBilled(trip.last.route);
}

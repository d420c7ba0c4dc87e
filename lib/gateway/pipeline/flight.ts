import type { HoldRequest } from "#lib/credit/ledger/hold";
import { UNSENT } from "#lib/credit/ledger/settle";
import type { PicoUsd } from "#lib/credit/money";
import type { Usage } from "#lib/credit/prices/meters";
import { costPicoUsd } from "#lib/credit/prices/price";
import type { Call } from "#lib/dialects/call";
import type { AnswerCount } from "#lib/gateway/ports/answer-bytes";
import type { BodyCount } from "#lib/gateway/ports/body-bytes";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Adaptation } from "#lib/gateway/routing/refused-fields";
import type { Route } from "#lib/gateway/routing/routing";
import { estimatedUsage } from "#lib/gateway/sizing/estimate";
import { NOTHING_SEEN } from "#lib/gateway/sizing/estimate-output";
import type { Admission } from "./admission";
import type { ClientDisconnect } from "./client-disconnect";
import { droppedFrom } from "./headers-for";
import { ifSwept } from "./if-swept";
import { type LateAttempt, overchargedBy } from "./late-attempts";
import { likelyOutputTokens, mayExceedBound } from "./likely-output";
import { endAttempt, nothingTried, type Tried, type UnderWay } from "./tried";
import { warnOfFurther, warnOfOverrun } from "./uncovered-warnings";
import { within } from "./within";

/**
 * An admitted request on its way. This file is the only owner of what is in flight, and alone sends
 * settlements.
 */
export type Flight = {
  gateway: Gateway;
  /** Only resend replaces it. */
  admission: Admission;
  disconnect: ClientDisconnect;
  /** What lists show of its key, for the log. */
  keyPrefix: string | null;
  /** What the request's body takes of the memory until it has ended. */
  body: BodyCount;
  /** What a large whole answer takes of it until the client has it; only take replaces it. */
  answer: AnswerCount;
  /** The route that has the request; only follow replaces it. */
  route: Route;
  /** What other attempts may have been billed; only chargeEarlier adds to it. */
  earlierPicoUsd: PicoUsd;
  /** By how much the hold was raised; only raiseBy adds to it. */
  raisedPicoUsd: PicoUsd;
  /** A route that has the request besides, until what it may bill is known; only sendBesides replaces it. */
  besides: Route | null;
  /** Resolves when what a stopped attempt may bill is charged; only stopBesides replaces it. */
  stopping: Promise<void> | null;
  /** Attempts that were late, whose bill may come; only awaitReport and leaveReport change it. */
  late: LateAttempt[];
  /** How many output tokens a provider would bill if the answer broke off now; only countOutput replaces it. */
  outputTokens: () => number;
  /** What the answering target has refused before; only learn replaces it. */
  learnt: Adaptation | null;
  /** When the request's time is over, on the clock of `performance.now()`. */
  deadlineMs: number;
  tried: Tried;
  /** The attempt at the route that has it; only follow replaces it. */
  underWay: UnderWay | null;
};

/** How a request ended. */
export type Ending = {
  route: Route;
  /** What the answering provider reported, or an estimate; null if no provider bills this. */
  usage: Usage | null;
  usageSource: "provider" | "estimated";
  /** What the answering provider bills besides; absent: nothing. */
  feePicoUsd?: PicoUsd;
  httpStatus: number;
  errorCode: string | null;
  ttftMs: number | null;
  /** What the answering provider says that the answer has cost; null if it does not say. */
  statedCostPicoUsd: PicoUsd | null;
  /** Answers that the server appended to a stream; they are in the usage. */
  furtherAnswers?: number;
  /** The status of the answering provider; absent: 200. */
  providerStatus?: number;
  /** Whether the answering provider broke off; absent: no. */
  hasBrokenOff?: boolean;
};

/** What the answer may report. */
export type Settled = { costPicoUsd: PicoUsd; rateHeaders: Readonly<Record<string, string>> };

/** How long a client waits for the ledger while the database is unavailable; the settlement goes on after. */
const SETTLE_WAIT_MS = 10_000;

const NO_USAGE = estimatedUsage(0, 0);
const NO_HEADERS = {};

/** While a request is in flight, heartbeats report what a sweep should charge for it. */
export function startFlight(
  gateway: Gateway,
  admission: Admission,
  disconnect: ClientDisconnect,
  { body, answer, keyPrefix }: Pick<Flight, "body" | "answer" | "keyPrefix">,
): Flight {
  const { receivedAtMs, routes } = admission;
  const mostTokens = mostTokensOf(admission);
  for (const { target } of routes) gateway.pace.watch(target);
  const flight: Flight = {
    gateway,
    admission,
    disconnect,
    keyPrefix,
    body,
    answer,
    earlierPicoUsd: 0n,
    raisedPicoUsd: 0n,
    besides: null,
    stopping: null,
    late: [],
    route: routes[0],
    outputTokens: () => likelyOutputTokens(gateway, admission, flight.route, NOTHING_SEEN),
    learnt: null,
    deadlineMs: performance.now() + gateway.requestTimeoutMs,
    tried: nothingTried(),
    underWay: null,
  };
  gateway.inFlight.set(admission.hold.id, {
    receivedAtMs,
    progress: () => {
      const { route, besides, earlierPicoUsd } = flight;
      const likelyTokens = flight.outputTokens();
      const otherPicoUsd = besides === null ? 0n : ifSweptBesides(flight, besides);
      const output = { likelyTokens, mostTokens };
      return ifSwept(gateway, admission, route, output, earlierPicoUsd + otherPicoUsd);
    },
    isClientGone: disconnect.isGone,
    stopReading: disconnect.stopNow,
  });
  return flight;
}

/** What a sweep charges for an attempt of which nothing is seen yet. */
export function ifSweptBesides({ gateway, admission }: Flight, route: Route): PicoUsd {
  const likelyTokens = likelyOutputTokens(gateway, admission, route, NOTHING_SEEN);
  const output = { likelyTokens, mostTokens: mostTokensOf(admission) };
  return ifSwept(gateway, admission, route, output, 0n).ifSweptPicoUsd;
}

const mostTokensOf = (admission: Admission): number =>
  mayExceedBound(admission) ? Number.POSITIVE_INFINITY : admission.outputTokenBound;

/** Says which attempt has the request now; null: none is under way. */
export function follow(flight: Flight, attempt: UnderWay | null): void {
  flight.underWay = attempt;
  if (attempt !== null) flight.route = attempt.route;
}

/** Says which route has the request besides; null: none has. */
export function sendBesides(flight: Flight, route: Route | null): void {
  flight.besides = route;
}

/** Lets the settlement wait until what a stopped attempt may bill is charged. */
export function stopBesides(flight: Flight, charged: Promise<void>): void {
  flight.stopping = charged;
}

/** Takes the count of an answer that another attempt has. */
export function take(flight: Flight, answer: AnswerCount): void {
  flight.answer = answer;
}

/** Adds what an attempt may have been billed besides the one that answers. */
export function chargeEarlier(flight: Flight, picoUsd: PicoUsd): void {
  flight.earlierPicoUsd += picoUsd;
}

/** Lets the settlement wait for what a late attempt reports. */
export function awaitReport(flight: Flight, late: LateAttempt): void {
  flight.late.push(late);
}

/** Does not wait for it, or correct what it is charged, any more. */
export function leaveReport(flight: Flight, late: LateAttempt): void {
  flight.late = flight.late.filter((other) => other !== late);
}

/** Notes by how much the hold was raised. */
export function raiseBy(flight: Flight, picoUsd: PicoUsd): void {
  flight.raisedPicoUsd += picoUsd;
}

/** Replaces the estimate by what a relay has seen. */
export function countOutput(flight: Flight, outputTokens: () => number): void {
  flight.outputTokens = outputTokens;
}

/** Keeps what refusals have taught until the answer confirms it. */
export function learn(flight: Flight, learnt: Adaptation | null): void {
  flight.learnt = learnt;
}

/** Says which call was answered, if a part of the client's own was refused. */
export function resend(flight: Flight, call: Call): void {
  if (call !== flight.admission.call) flight.admission = { ...flight.admission, call };
}

/**
 * Remembers what a whole answer confirms. Another name for the output bound only if the provider reports an output
 * within it: one that it does not read would leave what everyone is held for without a bound.
 */
function rememberLearnt({ gateway, admission, learnt }: Flight, ending: Ending): void {
  if (learnt === null || ending.errorCode !== null) return;
  const { usage, usageSource, route } = ending;
  const isObeyed =
    usage !== null && usageSource === "provider" && usage.outputTokens <= admission.outputTokenBound;
  const confirmed = isObeyed ? learnt : { ...learnt, outputLimitField: null };
  const { streamUsage, encryptedReasoning, outputLimitField } = confirmed;
  if (streamUsage && encryptedReasoning && outputLimitField === null) return;
  gateway.refusedFields.remember(admission.hold.payer.organizationId, route, confirmed);
}

/**
 * Ends the hold and completes its ledger row. Resolves once the ledger has it (or the journal, for a request
 * that was admitted during an outage), so that a client that saw a whole answer finds it in the ledger.
 */
export async function settleFlight(flight: Flight, ending: Ending): Promise<Settled> {
  if (flight.stopping !== null) await flight.stopping;
  if (flight.late.length > 0) chargeEarlier(flight, -(await overchargedBy(flight.late)));
  const { gateway, admission, disconnect, body, earlierPicoUsd } = flight;
  const { route, usage } = ending;
  const ownPicoUsd = (ending.feePicoUsd ?? 0n) + (usage === null ? 0n : costPicoUsd(usage, route.rates));
  const totalPicoUsd = ownPicoUsd + earlierPicoUsd;
  const latencyMs = Math.round(performance.now() - admission.receivedAtMs);
  if (usage !== null && ending.usageSource === "provider" && ending.errorCode === null) {
    const outputTokens = usage.outputTokens / Math.max(1, admission.call.answers);
    gateway.pace.note(route.target, { outputTokens, latencyMs });
  }
  rememberLearnt(flight, ending);
  endAnswered(flight, ending, ownPicoUsd);
  flight.underWay?.place.leave(usage === null ? 0 : usage.inputTokens + usage.outputTokens);
  disconnect.end();
  body.release();
  gateway.inFlight.delete(admission.hold.id);
  if (usage !== null && ending.usageSource === "provider" && !ending.furtherAnswers)
    warnOfOverrun(gateway, admission, route, usage);
  if (ending.furtherAnswers) warnOfFurther(gateway, admission.hold.id, route, ending.furtherAnswers);
  const keeper = admission.failOpen && gateway.failOpen ? gateway.failOpen : gateway.settler;
  const settled = keeper.settle({
    hold: admission.hold,
    counterIds: admission.counterIds,
    createdAt: admission.createdAt,
    status: totalPicoUsd === 0n && usage === null ? "released" : "settled",
    costPicoUsd: totalPicoUsd,
    usage: usage ?? NO_USAGE,
    usageSource: ending.usageSource,
    providerName: route.target.providerName,
    upstreamModel: route.target.upstreamModel,
    priceVersionId: route.priceVersionId,
    httpStatus: ending.httpStatus,
    errorCode: ending.errorCode,
    latencyMs,
    ttftMs: ending.ttftMs,
    dropped: droppedFrom(admission, route),
    providerCostPicoUsd: ending.statedCostPicoUsd,
    dispatchedMs: flight.tried.dispatchedMs,
    attempts: flight.tried.attempts.length === 0 ? null : flight.tried.attempts,
  });
  const { inputTokens, cachedTokens, outputTokens } = usage ?? NO_USAGE;
  gateway.requestLog.request({
    atMs: Date.now(),
    requestId: admission.hold.id,
    caller: admission.hold.payer,
    keyPrefix: flight.keyPrefix,
    endpoint: admission.hold.endpoint,
    model: admission.model.name,
    provider: route.target.providerName,
    upstreamModel: route.target.upstreamModel,
    status: ending.httpStatus,
    code: ending.errorCode,
    inputTokens,
    cachedTokens,
    outputTokens,
    costPicoUsd: totalPicoUsd,
    latencyMs,
    ttftMs: ending.ttftMs,
    stream: admission.hold.stream,
  });
  // In parallel with the ledger, and it never takes long.
  const corrected = admission.rates?.correct(inputTokens + outputTokens);
  await within(SETTLE_WAIT_MS, settled);
  return { costPicoUsd: totalPicoUsd, rateHeaders: corrected ? await corrected : NO_HEADERS };
}

/** Notes the attempt that answered: for the row, unless it is all that there is to say, and for the target's breaker. */
function endAnswered(flight: Flight, ending: Ending, costPicoUsd: PicoUsd): void {
  const { gateway, admission, tried, underWay } = flight;
  if (underWay === null) return;
  const { startedMs, isProbe } = underWay;
  const { route, errorCode, httpStatus, providerStatus = 200, hasBrokenOff = false } = ending;
  const { organizationId } = admission.hold.payer;
  const met = { organizationId, startedMs, isProbe };
  const isGone = errorCode === "client_closed_request";
  if (hasBrokenOff) gateway.breakers.noteFailure(route.target, { ...met, reason: errorCode ?? "broke off" });
  else if (isGone || providerStatus >= 500) gateway.breakers.noteNothing(route.target, met);
  else gateway.breakers.noteAnswer(route.target, met);
  if (errorCode === null && httpStatus === 200 && tried.attempts.length === 0) return;
  endAttempt(tried, underWay, admission.receivedAtMs, {
    outcome: errorCode === null || isGone ? "served" : "failed",
    httpStatus: providerStatus,
    reason: errorCode,
    costPicoUsd,
  });
}

/**
 * A hold may arrive though its answer never did: the release follows it as soon as the database is back, and
 * leaves a mark if it arrives first.
 */
export function releaseUnansweredHold(gateway: Gateway, hold: HoldRequest, route: Route): void {
  void gateway.settler.settle({
    hold,
    counterIds: null,
    createdAt: null,
    status: "released",
    costPicoUsd: 0n,
    usage: NO_USAGE,
    usageSource: "estimated",
    providerName: route.target.providerName,
    upstreamModel: route.target.upstreamModel,
    priceVersionId: route.priceVersionId,
    httpStatus: 503,
    errorCode: "service_unavailable",
    latencyMs: 0,
    ttftMs: null,
    ...UNSENT,
  });
}

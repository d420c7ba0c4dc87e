import { raiseHold } from "#lib/credit/ledger/raise-hold";
import type { PicoUsd } from "#lib/credit/money";
import type { Usage } from "#lib/credit/prices/meters";
import { costPicoUsd } from "#lib/credit/prices/price";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { completedUsage } from "#lib/dialects/partial-usage";
import { isPartial } from "#lib/dialects/usage";
import { rejected } from "#lib/gateway/rejections/rejected";
import type { Route } from "#lib/gateway/routing/routing";
import { type Answered, attempt } from "./attempt";
import { type FailedAttempt, failedAttempt, goneBefore, overall } from "./failed-attempt";
import { chargeEarlier, type Flight, follow, learn, resend, settleFlight } from "./flight";
import { likelyUsage } from "./likely-input";
import { outputIfLeft, outputOfError } from "./likely-output";

const RAISE_DEADLINE_MS = 5_000;

/** What the last target bills. */
type Last = { route: Route; usage: Usage | null; usageSource: "provider" | "estimated" };

/**
 * Sends the request to the model's targets in turn until one answers: with a whole body, the first content of a
 * stream, or an error about the request. If none does, or the hold cannot be raised by what a failed one bills, the
 * hold is settled: released if no provider bills it.
 * @throws ApiError upstream_rate_limited, upstream_error, upstream_timeout, client_closed_request
 */
export async function callUpstream(flight: Flight): Promise<Answered> {
  const { gateway, admission, disconnect } = flight;
  const failures: FailedAttempt[] = [];
  let last: Last = { route: admission.routes[0], usage: null, usageSource: "estimated" };
  for (const route of admission.routes) {
    if (disconnect.isGone()) {
      failures.push(goneBefore());
      break;
    }
    if (last.usage !== null) {
      const billedPicoUsd = costPicoUsd(last.usage, last.route.rates);
      if (!(await isCovered(flight, billedPicoUsd))) break;
      chargeEarlier(flight, billedPicoUsd);
    }
    follow(flight, route);
    const stop = disconnect.stopFor(route);
    const startedMs = performance.now();
    try {
      const enough = admission.awaitsInput && !disconnect.readsOn(route) ? disconnect.gone : null;
      const said = await attempt(gateway, admission, route, { stop, enough, count: flight.answer });
      // A stream has answered with its first content, others with all.
      if (said.kind !== "error")
        gateway.targets.noteFirstContent(route.target, admission.call.stream, performance.now() - startedMs);
      learn(flight, said.learnt);
      resend(flight, said.call);
      return { route, ...said };
    } catch (error) {
      const failure = failedAttempt(error, disconnect, stop);
      gateway.log.warn(
        { requestId: admission.hold.id, provider: route.target.providerName, err: error },
        "target failed",
      );
      failures.push(failure);
      last = await billedBy(route, failure, flight);
      if (failure.final) break;
    }
  }
  const error = overall(failures);
  const { rateHeaders } = await settleFlight(flight, {
    route: last.route,
    usage: last.usage,
    usageSource: last.usageSource,
    httpStatus: error.status,
    errorCode: error.code,
    ttftMs: null,
    statedCostPicoUsd: null,
  });
  throw rejected(error, { headers: rateHeaders });
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
  if (!hasBudget) return true;
  try {
    return await gateway.watch.within(
      () => raiseHold(gateway.sql, hold.id, billedPicoUsd),
      RAISE_DEADLINE_MS,
    );
  } catch (error) {
    if (isDatabaseUnavailable(error)) return false;
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

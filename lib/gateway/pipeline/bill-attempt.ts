import { raiseHold } from "#lib/credit/ledger/raise-hold";
import type { PicoUsd } from "#lib/credit/money";
import type { Usage } from "#lib/credit/prices/meters";
import { costPicoUsd } from "#lib/credit/prices/price";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import { completedUsage } from "#lib/dialects/partial-usage";
import { isPartial } from "#lib/dialects/usage";
import type { Route } from "#lib/gateway/routing/routing";
import { violationFeePicoUsd } from "#lib/gateway/sizing/violation-fee";
import type { FailedAttempt } from "./failed-attempt";
import { chargeEarlier, type Flight, raiseBy } from "./flight";
import { likelyUsage } from "./likely-input";
import { isCovered, outputIfLeft, outputOfError } from "./likely-output";
import type { UnderWay } from "./tried";

const RAISE_DEADLINE_MS = 5_000;

/** What an attempt bills. */
export type Bill = {
  route: Route;
  usage: Usage | null;
  usageSource: "provider" | "estimated";
  /** What it bills besides its usage. */
  feePicoUsd: PicoUsd;
};

export const nothingBilled = (route: Route): Bill => ({
  route,
  usage: null,
  usageSource: "estimated",
  feePicoUsd: 0n,
});

export const billedPicoUsd = ({ route, usage, feePicoUsd }: Bill): PicoUsd =>
  feePicoUsd + (usage === null ? 0n : costPicoUsd(usage, route.rates));

/** By how much a fee for a violation of guidelines exceeds the usage: a provider charges one or the other. */
export function feeBeyond(route: Route, usage: Usage | null): PicoUsd {
  const beyondPicoUsd = violationFeePicoUsd(route) - (usage === null ? 0n : costPicoUsd(usage, route.rates));
  return beyondPicoUsd > 0n ? beyondPicoUsd : 0n;
}

/** Input and output tokens that an attempt bills. */
export const billedTokens = ({ usage }: Bill): number =>
  usage === null ? 0 : usage.inputTokens + usage.outputTokens;

/** What a failed attempt bills: its report, and an estimate for the rest if its target may have served the request. */
export async function billOf(flight: Flight, attempt: UnderWay, failed: FailedAttempt): Promise<Bill> {
  const { route } = attempt;
  const { reported, bills, isLeft } = failed;
  if (reported === null && bills === "nothing") return nothingBilled(route);
  if (reported !== null && !isPartial(reported))
    return { route, usage: reported, usageSource: "provider", feePicoUsd: 0n };
  const output = await unansweredOutput(flight, attempt, failed);
  const estimate = await likelyUsage(flight, route, "cut", output);
  const usage =
    reported === null ? estimate : completedUsage(reported, estimate, isCovered(flight.admission));
  // Where Tollgate stopped reading, it may have been the fee, which a budget must cover.
  const mayBeFee = bills === "violation" || (isLeft && isCovered(flight.admission));
  return { route, usage, usageSource: "estimated", feePicoUsd: mayBeFee ? feeBeyond(route, usage) : 0n };
}

/** Output tokens that a target may bill that received the request but did not answer it. */
async function unansweredOutput(
  { gateway, admission }: Flight,
  { route, startedMs }: UnderWay,
  { bills, isLeft }: FailedAttempt,
): Promise<number> {
  const sinceStart = { ...admission, receivedAtMs: startedMs };
  const likely = await outputOfError(gateway, sinceStart, route, bills);
  return isLeft ? outputIfLeft(admission, route, likely) : likely;
}

/** Moves what a failed attempt bills to the earlier ones, if the hold covers another. */
export async function payBefore(flight: Flight, bill: Bill): Promise<boolean> {
  const picoUsd = billedPicoUsd(bill);
  if (!(await coversAnother(flight, picoUsd))) return false;
  chargeEarlier(flight, picoUsd);
  return true;
}

/**
 * Whether the hold covers another attempt after one that is billed: it is raised by that, since another attempt can
 * cost all of it.
 */
async function coversAnother(flight: Flight, picoUsd: PicoUsd): Promise<boolean> {
  const { hasBudget, failOpen } = flight.admission;
  const missing = flight.earlierPicoUsd + picoUsd - flight.raisedPicoUsd;
  if (picoUsd === 0n || missing <= 0n) return true;
  // The allowance for outages has no such call.
  if (failOpen) return false;
  // Without a budget the excess is an overrun.
  return (await holdMore(flight, missing, missing)) || !hasBudget;
}

/**
 * Raises the hold, if every budget has that much left.
 * @param ifSweptPicoUsd what a sweep charges besides from then on
 * @returns false also while the database is unavailable
 */
export async function holdMore(flight: Flight, picoUsd: PicoUsd, ifSweptPicoUsd: PicoUsd): Promise<boolean> {
  const { gateway, admission } = flight;
  try {
    const isRaised = await gateway.watch.within(
      () => raiseHold(gateway.sql, admission.hold.id, picoUsd, ifSweptPicoUsd),
      RAISE_DEADLINE_MS,
    );
    if (isRaised) raiseBy(flight, picoUsd);
    return isRaised;
  } catch (error) {
    if (isDatabaseUnavailable(error)) return false;
    throw error;
  }
}

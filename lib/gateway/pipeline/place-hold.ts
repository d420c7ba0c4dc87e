import { callerIdOf } from "#lib/auth/caller";
import type { OverBudget } from "#lib/credit/ledger/hold";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { DatabaseUnavailable, isDatabaseUnavailable } from "#lib/db/unavailable";
import type { Call } from "#lib/dialects/call";
import { outputsOf } from "#lib/dialects/searches";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerRejected } from "#lib/gateway/rejections/caller-rejections";
import { budgetRejected, concurrencyRejected } from "#lib/gateway/rejections/limit-rejections";
import {
  countedTokensBeyondBound,
  leastTokensBeyondBound,
  tokensBeyondBound,
} from "#lib/gateway/sizing/beyond-bound";
import { inputTokenBound } from "#lib/gateway/sizing/estimate";
import { LEAST_OUTPUT_TOKENS, outputThatFits } from "#lib/gateway/sizing/output-room";
import {
  affordableInputTokens,
  affordableOutputTokens,
  boundOver,
  countedInputBound,
  leastInputTokens,
} from "#lib/gateway/sizing/spending-bound";
import type { PlacedHold } from "./admission";
import { planWithFewerSearches, withoutReadings } from "./fewer-searches";
import { releaseUnansweredHold } from "./flight";
import type { Amounts, FloorAmounts, Granted, HoldPlan, HoldSource } from "./hold-source";
import { journalHoldSource } from "./journal-hold-source";
import { outputToHoldFor } from "./sent-bound";

const SWEEP_DEADLINE_MS = 5_000;
/** By the bound of its bytes: the slowest text of that length takes a few milliseconds. */
const QUICKLY_COUNTED_TOKENS = 4_000;
/** A body with tools of this length takes some three milliseconds to weigh, and most are far shorter. */
const COSTLY_CHARACTERS = 262_144;
/** Amounts have at most 26 digits before the point. */
const BEYOND_ANY_BUDGET: Amounts = {
  holdPicoUsd: 10n ** 37n,
  floorPicoUsd: null,
  inputTokens: 0,
  outputTokens: 0,
};
const NOTHING_HELD: Amounts = { holdPicoUsd: 0n, floorPicoUsd: null, inputTokens: 0, outputTokens: 0 };

/**
 * Places the hold. If the worst case does not fit a budget, searches are lowered in number, the input is counted instead
 * of bounded by its bytes, then the output bound and the reasoning are lowered to what is affordable, and only then the
 * request is rejected, saying whether waiting helps. While the database is unavailable, the journal holds for organizations that fail open.
 * @returns null if the cached caller or routing is stale
 * @throws ApiError for every rejection; DatabaseUnavailable
 */
export async function placeHold(gateway: Gateway, plan: HoldPlan): Promise<PlacedHold | null> {
  try {
    return await placeWith(gateway, plan, databaseHoldSource(gateway, plan));
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    return placeInJournal(gateway, plan, error);
  }
}

const databaseHoldSource = (gateway: Gateway, plan: HoldPlan): HoldSource => ({
  sourceFor: (other) => databaseHoldSource(gateway, other),
  ask: (amounts) => ask(gateway, plan, amounts),
  askAgain: (amounts, first) => askAgain(gateway, plan, amounts, first),
  budgets: () => budgetsOf(gateway, plan),
  rejection: (neededPicoUsd, { budgets }) => budgetRejected(budgets, plan.caller, neededPicoUsd),
});

/** Under the same id: if the database has the hold after all, the replay settles it. */
async function placeInJournal(gateway: Gateway, plan: HoldPlan, away: unknown): Promise<PlacedHold | null> {
  try {
    const journal = await journalHoldSource(gateway, plan);
    if (journal === null) throw away;
    return await placeWith(gateway, plan, journal);
  } catch (error) {
    if (away instanceof DatabaseUnavailable && away.maybeDone) {
      releaseUnansweredHold(gateway, plan.holdOf(NOTHING_HELD, false), plan.routes[0]);
    }
    throw error;
  }
}

async function placeWith(gateway: Gateway, plan: HoldPlan, source: HoldSource): Promise<PlacedHold | null> {
  const { call, routes } = plan;
  const asked = outputToHoldFor(plan);
  if (isCostlyToWeigh(call)) {
    const budgets = await source.budgets();
    if (budgets === "stale") return null;
    const least = call.searches === null ? plan : { ...plan, call: withoutReadings(call) };
    if (budgets !== null) rejectUncovered(least, asked, budgets, source);
  }
  const byteBound = inputTokenBound(call, plan.model);
  const beyondByBytes = tokensBeyondBound(call, asked, routes);
  const outputs = outputsOf(call);
  const mostOutput = (asked + beyondByBytes) * outputs;
  const amount = boundOver(routes, call, byteBound, mostOutput);
  const whole = {
    holdPicoUsd: amount,
    floorPicoUsd: null,
    inputTokens: byteBound,
    outputTokens: mostOutput,
  };
  const first = await source.ask(whole);
  if (first === "stale") return null;
  if (first.granted) {
    // It is held: whatever fails from here on must not leave it so. The provider judges the bound, too.
    const paid = await outputAfterInput(plan, asked).catch(() => asked);
    return placed(plan, first, byteBound, { asked, paid, beyond: beyondByBytes, lowersReasoning: false });
  }

  const fewer = planWithFewerSearches(plan, asked, first);
  if (fewer !== null) return placeWith(gateway, fewer, source.sourceFor(fewer));

  const { counting } = gateway;
  const inputTokens = await counting.run(callerIdOf(plan.caller), () =>
    countedWithin(plan, byteBound, asked, first, source),
  );
  const perAnswer = await outputAfterInput(plan, asked);
  const beyond = await countedTokensBeyondBound(call, asked, routes);
  const outputTokens = (perAnswer + beyond) * outputs;
  const least = (Math.min(perAnswer, LEAST_OUTPUT_TOKENS) + beyond) * outputs;
  const amounts = {
    holdPicoUsd: boundOver(routes, call, inputTokens, outputTokens),
    floorPicoUsd: boundOver(routes, call, inputTokens, least),
    inputTokens,
    outputTokens,
  };
  const second = await source.askAgain(amounts, first);
  if (second === "stale") return null;
  const affordable = affordableOutputTokens(routes, call, inputTokens, outputTokens, second.heldPicoUsd);
  const paid = outputs === 0 ? 0 : Math.floor(affordable / outputs) - beyond;
  return placed(plan, second, inputTokens, { asked, paid, beyond, lowersReasoning: true });
}

/** Whether it takes milliseconds to know what a body may be made into: a large one with tools or calls. */
const isCostlyToWeigh = ({ json, hasTools, mayGetTools }: Call): boolean =>
  json.length > COSTLY_CHARACTERS && (hasTools || mayGetTools);

/**
 * Rejects a request that not even the least of its text fits, before it is weighed.
 * @throws ApiError
 */
function rejectUncovered(plan: HoldPlan, asked: number, budgets: OverBudget, source: HoldSource): void {
  const { dialect, call, model, routes } = plan;
  const outputTokens = leastOutputTokens(plan, asked);
  const fitting = affordableInputTokens(routes, call, outputTokens, call.json.length, budgets.idlePicoUsd);
  const least = leastInputTokens(dialect, call, model, fitting);
  if (least > fitting) throw source.rejection(boundOver(routes, call, least, outputTokens), budgets);
}

/** Output tokens per answer: without the client's bound, those that fit the context window after the input. */
async function outputAfterInput(plan: HoldPlan, asked: number): Promise<number> {
  return isBoundByUs(plan) ? outputThatFits(plan.dialect, plan.call, plan.model, asked) : asked;
}

/**
 * Counts the input as far as the tightest budget reaches: a request that does not fit is rejected as soon as that
 * is certain, mostly by a scan that takes milliseconds. A short one is counted to its end, so that the rejection says
 * exactly what is needed.
 * @throws ApiError if not even the least output fits after the input
 */
async function countedWithin(
  plan: HoldPlan,
  byteBound: number,
  asked: number,
  first: OverBudget,
  source: HoldSource,
): Promise<number> {
  const { dialect, call, model, routes } = plan;
  const outputTokens = leastOutputTokens(plan, asked);
  const fitting = affordableInputTokens(routes, call, outputTokens, byteBound, first.idlePicoUsd);
  const enough = byteBound <= QUICKLY_COUNTED_TOKENS ? byteBound : fitting;
  const inputTokens = await countedInputBound(dialect, call, model, byteBound, enough);
  if (inputTokens > fitting)
    throw source.rejection(boundOver(routes, call, inputTokens, outputTokens), first);
  return inputTokens;
}

const leastOutputTokens = ({ call, routes }: HoldPlan, asked: number): number =>
  (Math.min(asked, LEAST_OUTPUT_TOKENS) + leastTokensBeyondBound(call, asked, routes)) * outputsOf(call);

/** Whether we may send the provider a bound that the client did not give. */
const isBoundByUs = ({ call, caller }: HoldPlan): boolean =>
  call.answers > 0 &&
  call.maxOutputTokens === null &&
  (caller.hasBudget || caller.failOpenAllowanceUsd !== null);

/** Asks for less, and once more after sweeping what dead processes hold. */
async function askAgain(
  gateway: Gateway,
  plan: HoldPlan,
  amounts: FloorAmounts,
  first: OverBudget,
): Promise<Granted | "stale"> {
  const { floorPicoUsd } = amounts;
  if (floorPicoUsd > first.idlePicoUsd) throw budgetRejected(first.budgets, plan.caller, floorPicoUsd);
  let verdict = await ask(gateway, plan, amounts);
  if (verdict === "stale" || verdict.granted) return verdict;
  const swept = await gateway.watch.within(() => sweepExpiredHolds(gateway.sql), SWEEP_DEADLINE_MS);
  if (swept > 0) verdict = await ask(gateway, plan, amounts);
  if (verdict === "stale" || verdict.granted) return verdict;
  throw budgetRejected(verdict.budgets, plan.caller, floorPicoUsd);
}

/** Asks for more than any budget has: the answer says what there is, unless something else is wrong first. */
async function budgetsOf(gateway: Gateway, plan: HoldPlan): Promise<OverBudget | "stale" | null> {
  if (!plan.caller.hasBudget) return null;
  const verdict = await ask(gateway, plan, BEYOND_ANY_BUDGET);
  if (verdict === "stale" || !verdict.granted) return verdict;
  releaseUnansweredHold(gateway, plan.holdOf(BEYOND_ANY_BUDGET, false), plan.routes[0]);
  throw new Error("a hold beyond any budget was granted");
}

async function ask(
  gateway: Gateway,
  plan: HoldPlan,
  amounts: Amounts,
): Promise<Granted | OverBudget | "stale"> {
  const verdict = await gateway.requestHold(plan.holdOf(amounts, false));
  if (verdict.granted || verdict.reason === "over_budget") return verdict;
  if (verdict.reason === "stale") return "stale";
  if (verdict.reason === "concurrency_limit_exceeded") throw concurrencyRejected();
  throw callerRejected(verdict.reason);
}

/** Output tokens per answer: asked for, paid for as the bound, and paid for besides it. */
type OutputTokens = { asked: number; paid: number; beyond: number; lowersReasoning: boolean };

/** Where the hold must cover the answer, the provider gets the bound that is held, whatever the client's is. */
function placed(
  plan: HoldPlan,
  granted: Granted,
  inputTokens: number,
  { asked, paid, beyond, lowersReasoning }: OutputTokens,
): PlacedHold {
  const { call, model, caller } = plan;
  const unbounded = call.maxOutputTokens === null;
  const failOpen = granted.failOpen ?? false;
  const limited = call.answers > 0 && (caller.hasBudget || failOpen);
  const outputTokens = (paid + beyond) * outputsOf(call);
  return {
    call,
    hold: plan.holdOf(
      {
        holdPicoUsd: granted.heldPicoUsd,
        floorPicoUsd: null,
        inputTokens,
        outputTokens,
      },
      failOpen,
    ),
    counterIds: granted.counterIds,
    createdAt: granted.createdAt,
    inputTokenBound: inputTokens,
    outputTokenBound: outputTokens,
    outputLimit: limited
      ? { tokens: paid, lowered: paid < asked || (unbounded && paid < (model.maxOutputTokens ?? Infinity)) }
      : null,
    lowersReasoning,
    failOpen,
  };
}

import "server-only";
import type { Caller } from "#lib/auth/caller";
import { DatabaseUnavailable } from "#lib/credit/database-batch";
import type { HoldRequest, HoldVerdict } from "#lib/credit/hold";
import type { PicoUsd } from "#lib/credit/money";
import { sweepExpiredHolds } from "#lib/credit/sweep";
import { callerRefused } from "./authenticate";
import type { ChatRequest } from "./chat-request";
import { defaultOutputBound, estimatedUsage, inputTokenBound } from "./estimate";
import type { Gateway } from "./gateway";
import { budgetRefused, concurrencyRefused } from "./limit-refused";
import type { Model, Route } from "./routing";
import { affordableOutputTokens, boundOver, countedInputBound } from "./spending-bound";

/** Below this, an answer is not worth having: the request is refused instead (contract: `insufficient_quota`). */
const LEAST_OUTPUT_TOKENS = 16;

/** What is to be held for, before it is known how much. */
export type HoldPlan = {
  caller: Caller;
  request: ChatRequest;
  model: Model;
  routes: readonly [Route, ...Route[]];
  /** The hold without its amounts. */
  hold: Omit<HoldRequest, "holdPicoUsd" | "floorPicoUsd">;
};

export type PlacedHold = {
  hold: HoldRequest;
  counterIds: readonly number[];
  createdAt: string;
  /** Over all choices. */
  outputTokenBound: number;
  /** What the provider is told to stop at, per choice. Null: what the client said, or nothing. */
  outputLimit: { tokens: number; lowered: boolean } | null;
};

type Granted = Extract<HoldVerdict, { granted: true }>;
type OverBudget = Extract<HoldVerdict, { reason: "over_budget" }>;

/**
 * Places the hold. Where the worst case does not fit a budget, first the input is counted instead of bounded
 * by its bytes, then the output is limited to what is affordable; only then the request is refused,
 * saying whether waiting helps.
 * @returns null if what the caller or the routing was read as is stale
 * @throws ApiError for every refusal; DatabaseUnavailable
 */
export async function placeHold(gateway: Gateway, plan: HoldPlan): Promise<PlacedHold | null> {
  const { request, routes } = plan;
  const perChoice = request.maxOutputTokens ?? defaultOutputBound(plan.model.maxOutputTokens);
  const outputTokens = perChoice * request.choices;
  const byteBound = inputTokenBound(request);
  const amount = boundOver(routes, request, byteBound, outputTokens);
  const first = await ask(gateway, plan, { holdPicoUsd: amount, floorPicoUsd: null });
  if (first === "stale") return null;
  if (first.granted) return placed(plan, first, perChoice, perChoice);

  const inputTokens = await countedInputBound(request, routes, byteBound);
  const least = Math.min(perChoice, LEAST_OUTPUT_TOKENS) * request.choices;
  const amounts = {
    holdPicoUsd: boundOver(routes, request, inputTokens, outputTokens),
    floorPicoUsd: boundOver(routes, request, inputTokens, least),
  };
  const second = await askAgain(gateway, plan, amounts, first);
  if (second === "stale") return null;
  const affordable = affordableOutputTokens(routes, request, inputTokens, outputTokens, second.heldPicoUsd);
  return placed(plan, second, perChoice, Math.floor(affordable / request.choices));
}

/** Once more with less, and once more after what dead processes hold was swept. */
async function askAgain(
  gateway: Gateway,
  plan: HoldPlan,
  amounts: { holdPicoUsd: PicoUsd; floorPicoUsd: PicoUsd },
  { idlePicoUsd }: OverBudget,
): Promise<Granted | "stale"> {
  if (amounts.floorPicoUsd > idlePicoUsd) throw budgetRefused(amounts.floorPicoUsd, idlePicoUsd);
  let verdict = await ask(gateway, plan, amounts);
  if (verdict === "stale" || verdict.granted) return verdict;
  if ((await sweepExpiredHolds(gateway.sql)) > 0) verdict = await ask(gateway, plan, amounts);
  if (verdict === "stale" || verdict.granted) return verdict;
  throw budgetRefused(amounts.floorPicoUsd, verdict.idlePicoUsd);
}

async function ask(
  gateway: Gateway,
  plan: HoldPlan,
  amounts: Pick<HoldRequest, "holdPicoUsd" | "floorPicoUsd">,
): Promise<Granted | OverBudget | "stale"> {
  const hold = { ...plan.hold, ...amounts };
  let verdict: HoldVerdict;
  try {
    verdict = await gateway.placeHold(hold);
  } catch (error) {
    if (error instanceof DatabaseUnavailable && error.maybeDone)
      releaseUnanswered(gateway, hold, plan.routes[0]);
    throw error;
  }
  if (verdict.granted || verdict.reason === "over_budget") return verdict;
  if (verdict.reason === "stale") return "stale";
  if (verdict.reason === "concurrency_limit_exceeded") throw concurrencyRefused();
  throw callerRefused(verdict.reason);
}

/** @param asked output tokens per choice that were asked for @param allowed those that are paid for */
function placed(plan: HoldPlan, granted: Granted, asked: number, allowed: number): PlacedHold {
  const { request, model, caller } = plan;
  const lowered = allowed < asked;
  const unbounded = request.maxOutputTokens === null;
  const limited = lowered || (unbounded && caller.hasBudget);
  return {
    hold: { ...plan.hold, holdPicoUsd: granted.heldPicoUsd, floorPicoUsd: null },
    counterIds: granted.counterIds,
    createdAt: granted.createdAt,
    outputTokenBound: allowed * request.choices,
    outputLimit: limited
      ? { tokens: allowed, lowered: lowered || (unbounded && model.maxOutputTokens === null) }
      : null,
  };
}

/**
 * A hold may arrive though its answer never did: the release goes after it as soon as the database is
 * back, and leaves a mark where it comes first.
 */
function releaseUnanswered(gateway: Gateway, hold: HoldRequest, { target, priceVersionId }: Route): void {
  void gateway.settler.settle({
    hold,
    counterIds: null,
    createdAt: null,
    status: "released",
    costPicoUsd: 0n,
    usage: estimatedUsage(0, 0),
    usageSource: "estimated",
    providerName: target.providerName,
    upstreamModel: target.upstreamModel,
    priceVersionId,
    httpStatus: 503,
    errorCode: "service_unavailable",
    latencyMs: 0,
    ttftMs: null,
  });
}

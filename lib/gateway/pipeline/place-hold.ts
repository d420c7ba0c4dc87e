import type { Caller } from "#lib/auth/caller";
import type { HoldRequest, HoldVerdict } from "#lib/credit/ledger/hold";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import type { PicoUsd } from "#lib/credit/money";
import { DatabaseUnavailable, isDatabaseUnavailable } from "#lib/db/unavailable";
import type { ChatRequest } from "#lib/dialects/chat/parse";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { budgetRefused, concurrencyRefused } from "#lib/gateway/rejections/limit-rejections";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { defaultOutputBound, estimatedUsage, inputTokenBound } from "#lib/gateway/sizing/estimate";
import { LEAST_OUTPUT_TOKENS, outputThatFits } from "#lib/gateway/sizing/output-room";
import { affordableOutputTokens, boundOver, countedInputBound } from "#lib/gateway/sizing/spending-bound";
import { callerRefused } from "./authenticate";
import { journalDesk } from "./journal-hold-source";

const SWEEP_DEADLINE_MS = 5_000;

/** What is to be held for, before it is known how much. */
export type HoldPlan = {
  caller: Caller;
  request: ChatRequest;
  model: Model;
  routes: readonly [Route, ...Route[]];
  /** The hold, of an amount: the same request whatever it is. */
  holdOf: (amounts: Amounts) => HoldRequest;
};

export type PlacedHold = {
  hold: HoldRequest;
  counterIds: readonly number[];
  createdAt: string;
  /** Over all choices. */
  outputTokenBound: number;
  /** What the provider is told to stop at, per choice. Null: what the client said, or nothing. */
  outputLimit: { tokens: number; lowered: boolean } | null;
  /** Held in the journal, since the database is away. */
  failOpen: boolean;
};

export type Amounts = Pick<HoldRequest, "holdPicoUsd" | "floorPicoUsd">;
export type Granted = Extract<HoldVerdict, { granted: true }> & { failOpen?: boolean };
type OverBudget = Extract<HoldVerdict, { reason: "over_budget" }>;

/** Who is asked for a hold: for the whole amount, and then for what is left of it. */
export type Desk = {
  ask: (amounts: Amounts) => Promise<Granted | OverBudget | "stale">;
  askAgain: (amounts: FloorAmounts, refused: OverBudget) => Promise<Granted | "stale">;
};
type FloorAmounts = { holdPicoUsd: PicoUsd; floorPicoUsd: PicoUsd };

/**
 * Places the hold. Where the worst case does not fit a budget, first the input is counted instead of bounded
 * by its bytes, then the output is limited to what is affordable; only then the request is refused,
 * saying whether waiting helps.
 * While the database is away, the journal is asked instead where the organization allows for it.
 * @returns null if what the caller or the routing was read as is stale
 * @throws ApiError for every refusal; DatabaseUnavailable
 */
export async function placeHold(gateway: Gateway, plan: HoldPlan): Promise<PlacedHold | null> {
  try {
    return await placeWith(plan, {
      ask: (amounts) => ask(gateway, plan, amounts),
      askAgain: (amounts, refused) => askAgain(gateway, plan, amounts, refused),
    });
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    return placeInJournal(gateway, plan, error);
  }
}

/** With the same id: a hold that the database has got all the same is settled by the replay. */
async function placeInJournal(gateway: Gateway, plan: HoldPlan, away: unknown): Promise<PlacedHold | null> {
  try {
    const desk = await journalDesk(gateway, plan);
    if (desk === null) throw away;
    return await placeWith(plan, desk);
  } catch (error) {
    if (away instanceof DatabaseUnavailable && away.maybeDone) releaseUnanswered(gateway, plan);
    throw error;
  }
}

/** The same with whoever grants. */
async function placeWith(plan: HoldPlan, desk: Desk): Promise<PlacedHold | null> {
  const { request, routes } = plan;
  const asked = request.maxOutputTokens ?? defaultOutputBound(plan.model.maxOutputTokens);
  const perChoice = isBoundByUs(plan) ? await outputThatFits(request, plan.model, asked) : asked;
  const outputTokens = perChoice * request.choices;
  const byteBound = inputTokenBound(request);
  const amount = boundOver(routes, request, byteBound, outputTokens);
  const first = await desk.ask({ holdPicoUsd: amount, floorPicoUsd: null });
  if (first === "stale") return null;
  if (first.granted) return placed(plan, first, { asked, fits: perChoice, paid: perChoice });

  const inputTokens = await countedInputBound(request, routes, byteBound);
  const least = Math.min(perChoice, LEAST_OUTPUT_TOKENS) * request.choices;
  const amounts = {
    holdPicoUsd: boundOver(routes, request, inputTokens, outputTokens),
    floorPicoUsd: boundOver(routes, request, inputTokens, least),
  };
  const second = await desk.askAgain(amounts, first);
  if (second === "stale") return null;
  const affordable = affordableOutputTokens(routes, request, inputTokens, outputTokens, second.heldPicoUsd);
  return placed(plan, second, { asked, fits: perChoice, paid: Math.floor(affordable / request.choices) });
}

/** Whether the provider may be told a bound that the client did not name. */
const isBoundByUs = ({ request, caller }: HoldPlan): boolean =>
  request.maxOutputTokens === null && (caller.hasBudget || caller.failOpenAllowanceUsd !== null);

/** Once more with less, and once more after what dead processes hold was swept. */
async function askAgain(
  gateway: Gateway,
  plan: HoldPlan,
  amounts: FloorAmounts,
  { idlePicoUsd }: OverBudget,
): Promise<Granted | "stale"> {
  if (amounts.floorPicoUsd > idlePicoUsd) throw budgetRefused(amounts.floorPicoUsd, idlePicoUsd);
  let verdict = await ask(gateway, plan, amounts);
  if (verdict === "stale" || verdict.granted) return verdict;
  const swept = await gateway.watch.within(() => sweepExpiredHolds(gateway.sql), SWEEP_DEADLINE_MS);
  if (swept > 0) verdict = await ask(gateway, plan, amounts);
  if (verdict === "stale" || verdict.granted) return verdict;
  throw budgetRefused(amounts.floorPicoUsd, verdict.idlePicoUsd);
}

async function ask(
  gateway: Gateway,
  plan: HoldPlan,
  amounts: Amounts,
): Promise<Granted | OverBudget | "stale"> {
  const verdict = await gateway.placeHold(plan.holdOf(amounts));
  if (verdict.granted || verdict.reason === "over_budget") return verdict;
  if (verdict.reason === "stale") return "stale";
  if (verdict.reason === "concurrency_limit_exceeded") throw concurrencyRefused();
  throw callerRefused(verdict.reason);
}

/** Output tokens per choice: asked for, those of them that fit the context window, and those that are paid for. */
type OutputBounds = { asked: number; fits: number; paid: number };

function placed(plan: HoldPlan, granted: Granted, { asked, fits, paid }: OutputBounds): PlacedHold {
  const { request, model, caller } = plan;
  const unbounded = request.maxOutputTokens === null;
  const failOpen = granted.failOpen ?? false;
  const limited = paid < fits || (unbounded && (caller.hasBudget || failOpen));
  return {
    hold: plan.holdOf({ holdPicoUsd: granted.heldPicoUsd, floorPicoUsd: null }),
    counterIds: granted.counterIds,
    createdAt: granted.createdAt,
    outputTokenBound: paid * request.choices,
    outputLimit: limited
      ? { tokens: paid, lowered: paid < asked || (unbounded && model.maxOutputTokens === null) }
      : null,
    failOpen,
  };
}

/**
 * A hold may arrive though its answer never did: the release goes after it as soon as the database is
 * back, and leaves a mark where it comes first.
 */
function releaseUnanswered(gateway: Gateway, { holdOf, routes }: HoldPlan): void {
  const [{ target, priceVersionId }] = routes;
  void gateway.settler.settle({
    hold: holdOf({ holdPicoUsd: 0n, floorPicoUsd: null }),
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

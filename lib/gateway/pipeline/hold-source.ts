import type { Caller } from "#lib/auth/caller";
import type { HoldRequest, HoldVerdict, OverBudget } from "#lib/credit/ledger/hold";
import type { PicoUsd } from "#lib/credit/money";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { Model, Route } from "#lib/gateway/routing/routing";
import type { ApiError } from "#lib/http/api-error";

/** What to hold for, before the amount is known. */
export type HoldPlan = {
  caller: Caller;
  dialect: Dialect;
  call: Call;
  model: Model;
  routes: readonly [Route, ...Route[]];
  /** The same for a call with fewer searches. */
  planFor: (call: Call) => HoldPlan;
  /** The hold of an amount, under the request's id: in the database or, if it fails open, in the journal. */
  holdOf: (amounts: Amounts, failOpen: boolean) => HoldRequest;
};

/**
 * Makes holds, and the last one again for the same amounts: most requests are granted what they ask for, and the hold
 * that is settled is the one that was asked for.
 */
export function holdsOnce(make: HoldPlan["holdOf"]): HoldPlan["holdOf"] {
  let last: { amounts: Amounts; failOpen: boolean; hold: HoldRequest } | null = null;
  return (amounts, failOpen) => {
    if (last !== null && last.failOpen === failOpen && isSame(last.amounts, amounts)) return last.hold;
    const hold = make(amounts, failOpen);
    last = { amounts, failOpen, hold };
    return hold;
  };
}

const isSame = (one: Amounts, other: Amounts): boolean =>
  one.holdPicoUsd === other.holdPicoUsd &&
  one.floorPicoUsd === other.floorPicoUsd &&
  one.inputTokens === other.inputTokens &&
  one.outputTokens === other.outputTokens;

/** What is asked for, and the tokens that it covers at most. */
export type Amounts = Pick<HoldRequest, "holdPicoUsd" | "floorPicoUsd"> & TokenBounds;
export type FloorAmounts = Amounts & { floorPicoUsd: PicoUsd };
type TokenBounds = { inputTokens: number; outputTokens: number };
export type Granted = Extract<HoldVerdict, { granted: true }> & { failOpen?: boolean };

/** Where a hold comes from, the database or the journal: first the whole amount, then what is left of it. */
export type HoldSource = {
  /** The same for another plan of the request. */
  sourceFor: (plan: HoldPlan) => HoldSource;
  ask: (amounts: Amounts) => Promise<Granted | OverBudget | "stale">;
  askAgain: (amounts: FloorAmounts, first: OverBudget) => Promise<Granted | "stale">;
  /** What the caller's budgets have now, without asking for a hold; null if only asking tells. */
  budgets: () => Promise<OverBudget | "stale" | null>;
  /** The rejection of a request that needs more than there would be if nothing were held. */
  rejection: (neededPicoUsd: PicoUsd, first: OverBudget) => ApiError;
};

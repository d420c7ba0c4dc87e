import type { PicoUsd } from "#lib/credit/money";
import type { Strategy } from "#lib/db/schema/strategies";
import type { Target } from "#lib/providers/wire";
import type { BreakerState } from "./breaker";
import type { Route } from "./routing";

/** What this process knows of a target with one of its provider's credentials. */
export type TargetState = {
  breaker: BreakerState;
  /** How long its first content takes, recent answers counting most; null if that is not known. */
  firstContentMs: number | null;
  inFlight: number;
};

/** What decides the order of a request's targets. */
export type OrderQuestion = {
  strategy: Strategy;
  /** In the configured order. */
  routes: readonly Route[];
  stateOf: (target: Target) => TargetState;
  /** What the request likely costs there; only `cheapest` asks. */
  costOf: (route: Route) => PicoUsd;
  /** The key of the target that the request's conversation is at; null without one. */
  keptAt: string | null;
  /** The number of the turn; only `round_robin` asks. */
  turn: () => number;
  /** A number from 0 to below 1 for a place: at random, or the same each time for a conversation. */
  draw: (place: string) => number;
};

/** A target of a request, and why it has its place among them. */
export type PlannedTarget = { route: Route; state: BreakerState; reason: string };

/** A target while it is ranked: the lowest rank comes first. */
export type Ranked = PlannedTarget & { seen: TargetState; rank: number };

import type { PicoUsd } from "#lib/credit/money";
import type { Call } from "#lib/dialects/call";
import { outputsOf } from "#lib/dialects/searches";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { PlannedTarget } from "#lib/gateway/routing/order-question";
import { orderTargets } from "#lib/gateway/routing/order-targets";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { defaultOutputBound } from "#lib/gateway/sizing/estimate";
import { boundOver } from "#lib/gateway/sizing/spending-bound";
import { type Conversation, drawFor } from "./conversation";

const TURNS = 2 ** 32;
/** Most answers are shorter, whatever the bound. */
const LIKELY_OUTPUT_TOKENS = 1_000;

/**
 * Orders a model's targets for a request, best first. The same for a request that is only explained.
 * @param conversation where it has gone on, it stays; replicas that do not know where begin it at the same target
 */
export function planRoutes(
  { targets, conversations }: Pick<Gateway, "targets" | "conversations">,
  model: Model,
  call: Call,
  conversation: Conversation | null,
  likelyInputTokens: number,
): PlannedTarget[] {
  const kept = conversation?.goesOn ? conversation : null;
  return orderTargets({
    strategy: model.strategy,
    routes: model.routes,
    stateOf: (target) => targets.of(target, call.stream),
    costOf: (route) => likelyCostPicoUsd(route, model, call, likelyInputTokens),
    keptAt: kept === null ? null : conversations.at(kept.key),
    turn: () => (kept === null ? targets.nextTurn(model.name) : Math.floor(drawFor(kept, "turn") * TURNS)),
    draw: (place) => (kept === null ? Math.random() : drawFor(kept, place)),
  });
}

/** What a request likely costs at a target: with the input that it likely has, and an answer of common length. */
export function likelyCostPicoUsd(
  route: Route,
  model: Pick<Model, "maxOutputTokens">,
  call: Call,
  likelyInputTokens: number,
): PicoUsd {
  const perAnswer = Math.min(call.maxOutputTokens ?? defaultOutputBound(call, model), LIKELY_OUTPUT_TOKENS);
  return boundOver([route], call, likelyInputTokens, perAnswer * outputsOf(call));
}

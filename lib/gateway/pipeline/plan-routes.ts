import type { Call } from "#lib/dialects/call";
import { outputsOf } from "#lib/dialects/searches";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { PlannedTarget } from "#lib/gateway/routing/order-question";
import { orderTargets } from "#lib/gateway/routing/order-targets";
import type { Model } from "#lib/gateway/routing/routing";
import { defaultOutputBound } from "#lib/gateway/sizing/estimate";
import { boundOver } from "#lib/gateway/sizing/spending-bound";

/** Most answers are shorter, whatever the bound. */
const LIKELY_OUTPUT_TOKENS = 1_000;

/** Orders a model's targets for a request, best first. The same for a request that is only explained. */
export function planRoutes(
  { targets }: Pick<Gateway, "targets">,
  model: Model,
  call: Call,
  likelyInputTokens: number,
): PlannedTarget[] {
  const perAnswer = Math.min(call.maxOutputTokens ?? defaultOutputBound(call, model), LIKELY_OUTPUT_TOKENS);
  return orderTargets({
    strategy: model.strategy,
    routes: model.routes,
    stateOf: (target) => targets.of(target, call.stream),
    costOf: (route) => boundOver([route], call, likelyInputTokens, perAnswer * outputsOf(call)),
    keptAt: null,
    turn: () => targets.nextTurn(model.name),
    draw: Math.random,
  });
}

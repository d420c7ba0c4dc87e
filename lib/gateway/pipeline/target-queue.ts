import type { BreakerState } from "#lib/gateway/routing/breaker";
import type { Breakers } from "#lib/gateway/routing/breakers";
import type { Route } from "#lib/gateway/routing/routing";

/** A target to try. */
export type Queued = {
  route: Route;
  /** Whether this request finds out whether it is up again. */
  isProbe: boolean;
};

/** The targets in the order in which they are tried, and those that are passed over until no other is left. */
export type TargetQueue = { queue: readonly Queued[]; passedOver: readonly Route[] };

type Planned = { route: Route; state: BreakerState };

/**
 * The order in which targets are tried. Those that are down are the last resort. One that may be up again is tried first, by
 * one request alone: if it fails there, another target answers.
 */
export function dispatchOrder(planned: readonly Planned[]): {
  probe: Route | null;
  up: readonly Route[];
  down: readonly Route[];
} {
  const probe = planned.find(({ state }) => state === "half_open")?.route ?? null;
  const routesThat = (fit: (each: Planned) => boolean) => planned.filter(fit).map(({ route }) => route);
  return {
    probe,
    up: routesThat(({ state }) => state === "closed"),
    down: routesThat(({ route, state }) => state !== "closed" && route !== probe),
  };
}

/** The same as of now, with the probe taken, if another request has not. */
export function targetQueue(
  routes: readonly Route[],
  { stateOf, takeProbe }: Pick<Breakers, "stateOf" | "takeProbe">,
): TargetQueue {
  const planned = routes.map((route) => ({ route, state: stateOf(route.target) }));
  if (planned.every(({ state }) => state === "closed"))
    return { queue: routes.map((route) => ({ route, isProbe: false })), passedOver: NONE };
  const { probe, up, down } = dispatchOrder(planned);
  const isProbing = probe !== null && takeProbe(probe.target);
  const first = isProbing ? [{ route: probe, isProbe: true }] : [];
  const last = isProbing || probe === null ? down : [probe, ...down];
  const queue = [...first, ...[...up, ...last].map((route) => ({ route, isProbe: false }))];
  return { queue, passedOver: first.length + up.length === 0 ? [] : last };
}

const NONE: readonly Route[] = [];

/** Whether a target is not to be tried before another that is left: it went down while the request was at others. */
export function isForLater(
  queued: Queued,
  left: readonly Queued[],
  { stateOf }: Pick<Breakers, "stateOf">,
): boolean {
  const isUp = ({ route, isProbe }: Queued) => isProbe || stateOf(route.target) === "closed";
  return !isUp(queued) && left.some(isUp);
}

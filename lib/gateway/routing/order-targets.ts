import type { BreakerState } from "./breaker";
import type { OrderQuestion, PlannedTarget, Ranked } from "./order-question";
import { STRATEGY_RANKS } from "./strategies";
import { targetKey } from "./target-key";

const AFTER: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };
const NOT_CLOSED = { half_open: "was down", open: "down" };

/**
 * Orders the targets of a request, best first: that of its conversation while it is healthy, then the healthy ones as
 * the strategy says, then those that are to be probed, then those that are down.
 */
export function orderTargets(question: OrderQuestion): PlannedTarget[] {
  const { strategy, routes, stateOf, keptAt } = question;
  const [only] = routes;
  if (routes.length === 1 && only !== undefined)
    return [{ route: only, state: stateOf(only.target).breaker, reason: "the only target" }];
  const known = routes.map((route): Ranked => {
    const seen = stateOf(route.target);
    return { route, state: seen.breaker, reason: "", seen, rank: 0 };
  });
  STRATEGY_RANKS[strategy](question, known);
  const isKept = ({ route, state }: Ranked) =>
    keptAt !== null && state === "closed" && targetKey(route.target) === keptAt;
  const compareTargets = (one: Ranked, other: Ranked): number =>
    Number(isKept(other)) - Number(isKept(one)) ||
    AFTER[one.state] - AFTER[other.state] ||
    compare(one.rank, other.rank);
  // Most are in their order already: the configured one is by priority.
  const isOrdered = known.every((each, at) => {
    const before = known[at - 1];
    return before === undefined || compareTargets(before, each) <= 0;
  });
  if (!isOrdered) known.sort(compareTargets);
  for (const each of known) {
    if (isKept(each)) each.reason = "the conversation is here";
    else if (each.state !== "closed") each.reason = `${NOT_CLOSED[each.state]}; ${each.reason}`;
  }
  return known;
}

/** Not by their difference: two infinite ranks are equal. */
const compare = (one: number, other: number): number => (one === other ? 0 : one < other ? -1 : 1);

import { formatUsd } from "#lib/credit/money";
import type { Strategy } from "#lib/db/schema/strategies";
import type { OrderQuestion, Ranked } from "./order-question";
import { placeOf } from "./target-key";

/** Gives each target its rank, lowest first, and says why. Those of one rank stay in the configured order. */
type Rank = (question: OrderQuestion, targets: readonly Ranked[]) => void;

/** How each strategy ranks targets. */
export const STRATEGY_RANKS: Readonly<Record<Strategy, Rank>> = {
  priority: (_, targets) => {
    for (const each of targets) {
      each.rank = each.route.priority;
      each.reason = `priority ${each.route.priority}`;
    }
  },

  // Only healthy targets take turns: else the one after a target that is down would have its turns, too.
  round_robin: ({ turn }, targets) => {
    const healthy = placesOf(targets, (each) => each.state === "closed");
    const places = healthy.length > 0 ? healthy : placesOf(targets, () => true);
    const start = turn() % places.length;
    for (const each of targets) {
      const at = places.indexOf(rankedPlace(each));
      each.rank = at < 0 ? places.length : (at - start + places.length) % places.length;
      each.reason = each.rank === 0 ? "its turn" : "after the one whose turn it is";
    }
  },

  // Drawn so, each is first as often as its share of the weights says (Efraimidis and Spirakis).
  weighted: ({ draw }, targets) => {
    for (const each of targets) {
      const { weight } = each.route;
      each.rank = weight === 0 ? Number.POSITIVE_INFINITY : -Math.log(1 - draw(rankedPlace(each))) / weight;
      each.reason = `weight ${weight}`;
    }
  },

  least_latency: (_, targets) => {
    for (const each of targets) {
      const { firstContentMs, inFlight } = each.seen;
      if (firstContentMs === null) {
        // One request at a time finds out.
        each.rank = inFlight === 0 ? -1 : Number.POSITIVE_INFINITY;
        each.reason = "first content not measured yet";
      } else {
        each.rank = firstContentMs;
        each.reason = `first content after ${Math.round(firstContentMs)} ms`;
      }
    }
  },

  cheapest: ({ costOf }, targets) => {
    const costs = targets.map(({ route }) => costOf(route));
    const ascending = costs.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
    for (const [at, each] of targets.entries()) {
      const cost = costs[at] ?? 0n;
      each.rank = ascending.indexOf(cost);
      each.reason = `likely costs $${formatUsd(cost)}`;
    }
  },
};

function placesOf(targets: readonly Ranked[], isMeant: (target: Ranked) => boolean): string[] {
  const places: string[] = [];
  for (const each of targets) {
    const place = rankedPlace(each);
    if (isMeant(each) && !places.includes(place)) places.push(place);
  }
  return places;
}

/** Credentials of one provider share the turns and the weight of their target. */
const rankedPlace = ({ route: { target } }: Ranked): string => placeOf(target);

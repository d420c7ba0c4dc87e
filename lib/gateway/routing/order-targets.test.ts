import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STRATEGIES } from "#lib/db/schema/strategies";
import { testRoute } from "#lib/gateway/testing/test-model";
import type { BreakerState } from "./breaker";
import type { OrderQuestion, TargetState } from "./order-question";
import { orderTargets } from "./order-targets";
import type { Route } from "./routing";
import { targetKey } from "./target-key";

const HEALTHY: TargetState = { breaker: "closed", firstContentMs: null, inFlight: 0 };

type Given = Partial<Omit<OrderQuestion, "routes" | "stateOf">> & {
  targets: Record<string, Partial<TargetState & Pick<Route, "weight" | "priority"> & { cost: bigint }>>;
};

const routesOf = (targets: Given["targets"]): Route[] =>
  Object.entries(targets).map(([name, { weight = 1, priority = 0 }]) => ({
    ...testRoute(name),
    weight,
    priority,
  }));

const planned = (given: Given) => plannedOver(routesOf(given.targets), given);

function plannedOver(routes: readonly Route[], { targets, ...given }: Given) {
  return orderTargets({
    strategy: "priority",
    routes,
    stateOf: ({ upstreamModel }) => ({ ...HEALTHY, ...targets[upstreamModel] }),
    costOf: ({ target }) => targets[target.upstreamModel]?.cost ?? 0n,
    keptAt: null,
    turn: () => 0,
    draw: () => 0.5,
    ...given,
  });
}

const namesOf = (given: Given): string[] => planned(given).map(({ route }) => route.target.upstreamModel);

describe("priority", () => {
  test("goes by ascending priority, and in the configured order within one", () => {
    const targets = { a: { priority: 2 }, b: { priority: 1 }, c: { priority: 1 } };
    expect(namesOf({ targets })).toEqual(["b", "c", "a"]);
  });
});

describe("least_latency", () => {
  const strategy = "least_latency";

  test("goes by the time to the first content", () => {
    const targets = { slow: { firstContentMs: 900 }, fast: { firstContentMs: 90 } };
    expect(namesOf({ strategy, targets })).toEqual(["fast", "slow"]);
  });

  test("measures a target that is not known, by one request at a time", () => {
    const targets = { known: { firstContentMs: 9 }, busy: { inFlight: 1 }, idle: {} };
    expect(namesOf({ strategy, targets })).toEqual(["idle", "known", "busy"]);
  });
});

test("cheapest goes by what the request costs, and says so", () => {
  const targets = { b: { cost: 2_000_000n }, c: { cost: 3_000_000n }, a: { cost: 1_000_000n } };
  const order = planned({ strategy: "cheapest", targets });
  expect(order.map(({ route, reason }) => [route.target.upstreamModel, reason])).toEqual([
    ["a", "likely costs $0.000001"],
    ["b", "likely costs $0.000002"],
    ["c", "likely costs $0.000003"],
  ]);
});

test.each(STRATEGIES)(
  "%s tries targets that are down last, and those to be probed before them",
  (strategy) => {
    const targets: Given["targets"] = {
      down: { breaker: "open", priority: 0, weight: 9, firstContentMs: 1, cost: 0n },
      probed: { breaker: "half_open", priority: 0, weight: 9, firstContentMs: 1, cost: 0n },
      healthy: { priority: 1, firstContentMs: 5, cost: 5n },
    };
    const order = planned({ strategy, targets });
    expect(order.map(({ route, state }) => [route.target.upstreamModel, state])).toEqual([
      ["healthy", "closed"],
      ["probed", "half_open"],
      ["down", "open"],
    ]);
    expect(order[2]?.reason).toMatch(/^down; /);
  },
);

test.each(STRATEGIES)("%s keeps a conversation at its target, unless that is not healthy", (strategy) => {
  const targets: Given["targets"] = {
    a: { priority: 0, weight: 9, firstContentMs: 1, cost: 0n },
    b: { priority: 1, weight: 0, firstContentMs: 5, cost: 5n },
  };
  const keptAt = targetKey(testRoute("b").target);
  expect(planned({ strategy, targets, keptAt })[0]).toMatchObject({
    route: { target: { upstreamModel: "b" } },
    reason: "the conversation is here",
  });
  for (const breaker of ["half_open", "open"] satisfies BreakerState[]) {
    expect(namesOf({ strategy, targets: { ...targets, b: { ...targets.b, breaker } }, keptAt })).toEqual([
      "a",
      "b",
    ]);
  }
});

describe("the shares of targets", () => {
  const REQUESTS = 2_000;
  const states = fc.array(fc.record({ weight: fc.nat(10), down: fc.boolean() }), {
    minLength: 2,
    maxLength: 6,
  });

  function sharesOf(strategy: "round_robin" | "weighted", given: { weight: number; down: boolean }[]) {
    const targets = Object.fromEntries(
      given.map(({ weight, down }, at) => [`m${at}`, { weight, breaker: down ? "open" : "closed" } as const]),
    );
    const routes = routesOf(targets);
    const counts = given.map(() => 0);
    let number = 17;
    for (let request = 0; request < REQUESTS; request++) {
      const [first] = plannedOver(routes, { strategy, targets, turn: () => request, draw: () => random() });
      const at = Number(first?.route.target.upstreamModel.slice(1));
      counts[at] = (counts[at] ?? 0) + 1;
    }
    return counts.map((count) => count / REQUESTS);

    /** The same numbers in each run: a share that is off by chance would be off in one of many. */
    function random(): number {
      number = (Math.imul(number, 1_664_525) + 1_013_904_223) >>> 0;
      return number / 2 ** 32;
    }
  }

  /** Healthy targets have all of it; if none is, targets that are down have it. */
  const served = <T extends { down: boolean }>(given: T[]) => {
    const healthy = given.filter(({ down }) => !down);
    return healthy.length > 0 ? healthy : given;
  };

  test("of round_robin are equal among healthy targets", () => {
    fc.assert(
      fc.property(states, (given) => {
        const shares = sharesOf("round_robin", given);
        for (const [at, each] of given.entries()) {
          const due = served(given).includes(each) ? 1 / served(given).length : 0;
          expect(Math.abs((shares[at] ?? 0) - due)).toBeLessThan(1 / 500);
        }
      }),
      { numRuns: 8 },
    );
  });

  test("of weighted are those of the weights of healthy targets", () => {
    fc.assert(
      fc.property(states, (given) => {
        const total = served(given).reduce((sum, { weight }) => sum + weight, 0);
        fc.pre(total > 0);
        const shares = sharesOf("weighted", given);
        for (const [at, each] of given.entries()) {
          const due = served(given).includes(each) ? each.weight / total : 0;
          expect(Math.abs((shares[at] ?? 0) - due)).toBeLessThan(0.06);
        }
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  test("credentials of one provider share a turn", () => {
    const [a, b] = [testRoute("a"), testRoute("b")];
    const firsts = [0, 1].map((turn) => {
      const [first] = orderTargets({
        strategy: "round_robin",
        routes: [a, testRoute("a"), b],
        stateOf: () => HEALTHY,
        costOf: () => 0n,
        keptAt: null,
        turn: () => turn,
        draw: () => 0,
      });
      return first?.route.target.upstreamModel;
    });
    expect(firsts).toEqual(["a", "b"]);
  });
});

import { describe, expect, test } from "vitest";
import type { Strategy } from "#lib/db/schema/strategies";
import { chat } from "#lib/dialects/chat/dialect";
import { targetStates } from "#lib/gateway/routing/target-states";
import { testModel, testRoute } from "#lib/gateway/testing/test-model";
import type { Conversation } from "./conversation";
import { planRoutes } from "./plan-routes";

const REQUESTS = 4_000;
/** Of so many draws, a share that is off by this much happens once in a million runs. */
const MOST_OFF = 0.04;
const WEIGHTS = { a: 1, b: 2, c: 7 };

const healthy = { stateOf: () => "closed" as const, seenState: () => "closed" as const };
const call = chat.parse(JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hello!" }] }));
const routes = Object.entries(WEIGHTS).map(([name, weight]) => ({ ...testRoute(name), weight }));

/** How many of the requests each target is first for. */
function sharesOf(strategy: Strategy, conversationOf: (request: number) => Conversation | null) {
  const gateway = {
    targets: targetStates(healthy, { inside: () => 0 }),
    conversations: { at: () => null, note: () => {} },
  };
  const model = { ...testModel(null), strategy, routes };
  const counts = new Map<string, number>();
  for (let request = 0; request < REQUESTS; request++) {
    const [first] = planRoutes(gateway, model, call, conversationOf(request), 10);
    const name = first?.route.target.upstreamModel ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return (name: string) => (counts.get(name) ?? 0) / REQUESTS;
}

describe.each([
  ["requests without a conversation", () => null],
  ["conversations that have only begun", () => ({ key: "the same", goesOn: false })],
  ["conversations", (request: number) => ({ key: `conversation ${request}`, goesOn: true })],
])("of %s", (_, conversationOf) => {
  test.each(Object.entries(WEIGHTS))("weighted gives %s its share of the weights", (name, weight) => {
    const share = sharesOf("weighted", conversationOf)(name);
    expect(Math.abs(share - weight / 10)).toBeLessThan(MOST_OFF);
  });

  test.each(Object.keys(WEIGHTS))("round_robin gives %s a third", (name) => {
    const share = sharesOf("round_robin", conversationOf)(name);
    expect(Math.abs(share - 1 / 3)).toBeLessThan(MOST_OFF);
  });
});

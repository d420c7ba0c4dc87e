import { lenient } from "#lib/testing/upstream/scenario";
import { type Attack, chatBody, DEAR_OUTPUT } from "./attack";

const { contextWindow } = DEAR_OUTPUT;
const hiddenTokens = { before: { least: 20, most: 200 }, after: 0 };

/** Provokes errors inside a 200 that the provider bills. */
export const errorsIn200: Attack = {
  name: "errors-in-200",
  models: [
    {
      ...DEAR_OUTPUT,
      name: "fails-billed",
      scenario: lenient({ hiddenTokens, visibleTokens: 0, contextWindow, error: { reportsUsage: true } }),
    },
    {
      ...DEAR_OUTPUT,
      name: "fails-late-billed",
      scenario: lenient({ hiddenTokens, visibleTokens: 3, contextWindow, error: { reportsUsage: true } }),
    },
    {
      ...DEAR_OUTPUT,
      name: "fails-unbilled",
      scenario: lenient({ hiddenTokens, visibleTokens: 0, contextWindow, error: { reportsUsage: false } }),
    },
    { ...DEAR_OUTPUT, name: "works", scenario: lenient({ hiddenTokens, visibleTokens: 3, contextWindow }) },
    // Both targets bill.
    { ...DEAR_OUTPUT, name: "fails-then-works", targets: ["fails-billed", "works"] },
  ],
  keyBudgetUsd: "0.5",
  request(random) {
    const name = random.pick([
      "fails-billed",
      "fails-billed",
      "fails-late-billed",
      "fails-unbilled",
      "fails-then-works",
    ]);
    const fields = { stream: random.chance(0.6), max_tokens: random.whole(30, 200) };
    return { body: chatBody(name, "Please fail.", fields), hangUp: null };
  },
};

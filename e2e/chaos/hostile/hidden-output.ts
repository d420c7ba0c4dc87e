import { LAST_WORD } from "#lib/testing/upstream/lenient/play-lenient";
import { lenient } from "#lib/testing/upstream/scenario";
import { type Attack, chatBody, DEAR_OUTPUT } from "./attack";

const MODEL = "reasons-hidden";

/** Hangs up after the last visible word, when the provider has generated far more than it has sent. */
export const hiddenOutput: Attack = {
  name: "hidden-output",
  models: [
    {
      name: MODEL,
      ...DEAR_OUTPUT,
      scenario: lenient({
        hiddenTokens: { before: { least: 35, most: 70 }, after: { least: 20, most: 160 } },
        visibleTokens: 3,
        // Below the 100 tokens/s that an estimate assumes at least, by more than a busy machine is late.
        tokensPerSecond: 70,
        contextWindow: DEAR_OUTPUT.contextWindow,
      }),
    },
  ],
  keyBudgetUsd: "0.45",
  request(random) {
    const stream = random.chance(0.7);
    const bound = random.chance(0.04) ? {} : { max_tokens: random.whole(80, 140) };
    const afterLastWord = { afterText: LAST_WORD, thenMs: random.whole(0, 500) };
    const blindly = { afterText: null, thenMs: random.whole(600, 1_500) };
    const hangUp = stream ? random.pick([afterLastWord, afterLastWord, afterLastWord, blindly]) : blindly;
    return {
      body: chatBody(MODEL, "Think hard.", { stream, ...bound }),
      hangUp: random.chance(0.85) ? hangUp : null,
    };
  },
};

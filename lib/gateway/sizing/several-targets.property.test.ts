import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_USAGE } from "#lib/credit/prices/meters";
import { compileRates, costPicoUsd, type Rates } from "#lib/credit/prices/price";
import { chat } from "#lib/dialects/chat/dialect";
import { png, wav } from "#lib/dialects/media/testing/media-files";
import { messages } from "#lib/dialects/messages/dialect";
import type { Route } from "#lib/gateway/routing/routing";
import { testModel, testRoute } from "#lib/gateway/testing/test-model";
import { countedTokensBeyondBound, tokensBeyondBound } from "./beyond-bound";
import { chargedInputTokens } from "./charged-input";
import { inputTokenBound } from "./estimate";
import { boundOver, countedInputBound } from "./spending-bound";

const CONTEXT_WINDOW = 200_000;
const OUTPUT_TOKENS = 700;

/** Those that count the same body differently: by their vocabulary, templates, pictures, sound and tools. */
const MODELS = [
  "gpt-4o",
  "gpt-4o-mini",
  "gpt-5.4",
  "gpt-6-luna",
  "gpt-4-turbo",
  "gpt-4o-audio-preview",
  "claude-sonnet-4-5",
  "claude-3-haiku",
  "gemini-2.5-flash",
  "gemini-3-pro",
  "qwen/qwen3-vl-235b",
  "meta-llama/Llama-3.3-70B-Instruct",
  "grok-4",
  "x",
];

const parameters = { type: "object", properties: { city: { type: "string", description: "Where?" } } };
const PARTS = {
  text: { type: "text", text: "The ferry came in at dawn, 渡轮在黎明时分进港. ".repeat(9) },
  picture: { type: "image_url", image_url: { url: `data:image/png;base64,${png(1_024, 768)}` } },
  sound: { type: "input_audio", input_audio: { data: wav(4, 8_000), format: "wav" } },
};
const CALLS = [
  ...Object.values(PARTS).map((part) => ({ messages: [{ role: "user", content: [PARTS.text, part] }] })),
  {
    messages: [{ role: "user", content: [PARTS.text] }],
    tools: [{ type: "function", function: { name: "weather", description: "Tells it.", parameters } }],
    n: 2,
  },
  { messages: [{ role: "user", content: "Say it." }], modalities: ["text", "audio"], audio: { voice: "a" } },
].map((body) => ({
  dialect: chat,
  call: chat.parse(JSON.stringify({ model: "m", max_tokens: OUTPUT_TOKENS, ...body })),
}));
const cached = {
  model: "m",
  max_tokens: OUTPUT_TOKENS,
  messages: [{ role: "user", content: [{ ...PARTS.text, cache_control: { type: "ephemeral", ttl: "1h" } }] }],
};
const ALL_CALLS = [...CALLS, { dialect: messages, call: messages.parse(JSON.stringify(cached)) }];

const perMtok = fc.integer({ min: 1, max: 900 }).map(String);
const maybe = fc.option(perMtok, { nil: undefined });
const prices = fc.record<Rates>({
  inputPerMtok: perMtok,
  outputPerMtok: perMtok,
  cacheReadPerMtok: maybe,
  cacheWritePerMtok: maybe,
  cacheWrite1hPerMtok: maybe,
  inputAudioPerMtok: maybe,
  inputImagePerMtok: maybe,
  outputAudioPerMtok: maybe,
  outputImagePerMtok: maybe,
});
const routes = fc
  .array(fc.record({ upstreamModel: fc.constantFrom(...MODELS), rates: prices }), {
    minLength: 2,
    maxLength: 4,
  })
  .map((targets) =>
    targets.map(
      ({ upstreamModel, rates }): Route => ({ ...testRoute(upstreamModel), rates: compileRates(rates) }),
    ),
  );

/** What is held, whichever of the routes serves: by bytes at first, and counted where that does not fit. */
async function held({ dialect, call }: (typeof ALL_CALLS)[number], model: readonly Route[]) {
  const given = { ...testModel(CONTEXT_WINDOW), routes: [...model] };
  const byBytes = inputTokenBound(call, given);
  const counted = await countedInputBound(dialect, call, given, byBytes);
  const output = (beyond: number) => (OUTPUT_TOKENS + beyond) * call.answers;
  const outputs = [
    output(tokensBeyondBound(call, OUTPUT_TOKENS, model)),
    output(await countedTokensBeyondBound(call, OUTPUT_TOKENS, model)),
  ] as const;
  return {
    inputTokens: counted,
    byBytes: boundOver(model, call, byBytes, outputs[0]),
    counted: boundOver(model, call, counted, outputs[1]),
  };
}

test("a hold covers each target that may serve, at its price and by its own counts", async () => {
  await fc.assert(
    fc.asyncProperty(routes, fc.constantFrom(...ALL_CALLS), async (all, asked) => {
      const together = await held(asked, all);
      for (const route of all) {
        const alone = await held(asked, [route]);
        expect(together.byBytes).toBeGreaterThanOrEqual(alone.byBytes);
        expect(together.counted).toBeGreaterThanOrEqual(alone.counted);
        // What is charged where a client has left.
        const inputTokens = await chargedInputTokens(asked.dialect, asked.call, route);
        const usage = { ...NO_USAGE, inputTokens, outputTokens: OUTPUT_TOKENS * asked.call.answers };
        expect(together.counted).toBeGreaterThanOrEqual(
          costPicoUsd({ ...usage, inputTokens: Math.min(inputTokens, together.inputTokens) }, route.rates),
        );
        expect(together.byBytes).toBeGreaterThanOrEqual(costPicoUsd(usage, route.rates));
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);

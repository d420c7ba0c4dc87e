import { lenient } from "#lib/testing/upstream/scenario";
import type { Random } from "../random";
import { type Attack, chatBody, DEAR_OUTPUT } from "./attack";

const MODEL = "writes-long";
const SMALL = [1, 4, 16, 64];
const LARGE = [900, 2_000, 4_000];

/** Names that some server reads as a bound, besides `max_tokens` and `max_completion_tokens`. */
const OTHER_NAMES = [
  "max_output_tokens",
  "maxOutputTokens",
  "max_new_tokens",
  "n_predict",
  "num_predict",
  "max_length",
  "max_tokens_to_sample",
  "max_gen_len",
  "maxTokens",
  "MAX_TOKENS",
  "Max_Completion_Tokens",
] as const;
/** Objects in which some server looks for one: Ollama, TGI, Gemini, SDKs, SGLang, Bedrock. */
const CONTAINERS = [
  "options",
  "parameters",
  "generation_config",
  "generationConfig",
  "extra_body",
  "sampling_params",
  "inferenceConfig",
] as const;

/** Forms of a body that names a small bound where the gateway looks first, and a large one elsewhere. */
const FORMS: readonly ((random: Random, small: number, large: number) => object | string)[] = [
  (_, small, large) => ({ max_completion_tokens: small, max_tokens: large }),
  (_, small, large) => ({ max_tokens: small, max_completion_tokens: large }),
  (random, small, large) => ({ max_tokens: small, [random.pick(OTHER_NAMES)]: large }),
  (random, small, large) => ({ max_completion_tokens: small, [random.pick(OTHER_NAMES)]: String(large) }),
  (random, small, large) => ({
    max_tokens: small,
    [random.pick(CONTAINERS)]: { [random.pick([...OTHER_NAMES, "max_tokens"])]: large },
  }),
  (_, small, large) => ({ max_tokens: small, extra_body: { options: { num_predict: large } } }),
  (_, small) => ({ max_tokens: small, options: { num_predict: -1 } }),
  (_, small, large) => `"max_tokens":${small},"max_t\\u006fkens":${large}`,
  (_, small, large) => `"max_tokens":${small},"max_completion_t\\u006fkens":${large}`,
  (_, small, large) => `"max_tokens":${large},"max_tokens":${small}`,
  (_, __, large) => ({ max_tokens: 0, max_completion_tokens: large }),
  (_, __, large) => ({ max_tokens: 0, num_predict: large }),
  (_, __, large) => ({ num_predict: large }),
  (_, small) => ({ max_tokens: small, best_of: 16 }),
  (random, small) => ({ max_tokens: small, [random.pick(CONTAINERS)]: { n: 16 } }),
  (random, small) => ({ max_tokens: small, [random.pick(CONTAINERS)]: { candidateCount: 16 } }),
  (_, small) => ({
    max_tokens: small,
    prediction: { type: "content", content: "const line = 1;\n".repeat(20) },
  }),
];

/** Bodies that mean what they say. */
const HONEST: readonly ((small: number) => object)[] = [
  (small) => ({ max_tokens: small }),
  (small) => ({ max_tokens: small, max_completion_tokens: small }),
  (small) => ({ max_tokens: small, n: 3 }),
  () => ({}),
];

/** Two output bounds under different names, of which gateway and provider read one each, and their like. */
export const outputBounds: Attack = {
  name: "output-bounds",
  models: [
    {
      name: MODEL,
      ...DEAR_OUTPUT,
      scenario: lenient({
        visibleTokens: { least: 500, most: 1_500 },
        contextWindow: DEAR_OUTPUT.contextWindow,
      }),
    },
  ],
  keyBudgetUsd: "0.5",
  request(random) {
    const [small, large] = [random.pick(SMALL), random.pick(LARGE)];
    const form = random.chance(0.3) ? random.pick(HONEST)(small) : random.pick(FORMS)(random, small, large);
    const stream = random.chance(0.5);
    const body =
      typeof form === "string"
        ? chatBody(MODEL, "Write at length.", { stream }).replace(/\}$/, `,${form}}`)
        : chatBody(MODEL, "Write at length.", { stream, ...form });
    return { body, hangUp: null };
  },
};

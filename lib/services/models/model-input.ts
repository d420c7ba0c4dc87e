import { z } from "zod";
import { STRATEGIES } from "#lib/db/schema/strategies";
import { Price } from "#lib/services/prices/price";
import { targetLimitFields } from "./target-limits";

/** What models may be called, here and at providers. */
export const modelName = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,200}$/, "Use 1 to 200 letters, digits and symbols, without spaces.");
const tokens = z.int().positive().max(2_147_483_647).nullable().optional();

const ModelTargetInput = z
  .strictObject({
    provider_id: z.uuid("Choose a provider."),
    upstream_model: modelName.describe("The provider's name for the model."),
    priority: z.int().min(0).max(1000).default(0).describe("Lower values are tried first."),
    weight: z
      .int()
      .min(0)
      .max(1000)
      .default(1)
      .describe("`weighted`: this target's share. A target of weight 0 is tried after all others."),
    enabled: z.boolean().default(true),
    price: Price.nullable()
      .optional()
      .describe("This target's own. Without it, the model's `price`; with null, the catalogue's."),
    ...targetLimitFields,
  })
  .meta({ id: "ModelTargetInput" });
export type ModelTargetInput = z.output<typeof ModelTargetInput>;

/** The fields of a new model; a change takes any of them. */
export const modelFields = {
  name: modelName.describe("The model that clients request. Names and aliases are unique across all models."),
  aliases: z.array(modelName).max(50),
  strategy: z
    .enum(STRATEGIES, `Choose one of: ${STRATEGIES.join(", ")}.`)
    .describe(
      "In which order targets are tried. `priority`: by ascending priority, and in the given order within one. `round_robin`: each in turn. `weighted`: at random, by `weight`. `least_latency`: by recent times to the first content. `cheapest`: by what the request likely costs. Targets that are down come last, and a conversation stays where it is while its target is healthy.",
    ),
  targets: z
    .array(ModelTargetInput)
    .min(1, "Give at least one target.")
    .max(50)
    .refine(
      (targets) =>
        new Set(targets.map((t) => `${t.provider_id} ${t.upstream_model}`)).size === targets.length,
      "Duplicate target: each provider and model may appear once.",
    ),
  price: Price.nullable()
    .optional()
    .describe(
      "Applies to every target without one of its own. Without it, or with null, each target has the catalogue's price: the imported one, or else the built-in one.",
    ),
  context_window: tokens.describe(
    "Input and output together. Without it, or with null, the catalogue's value.",
  ),
  max_output_tokens: tokens.describe("Without it, or with null, the catalogue's value."),
  drop_unsupported: z
    .boolean()
    .describe(
      "Whether a request goes on without what would be rejected as `unsupported_parameter`, such as a paid tier or a tool that the provider bills apart. `x-tollgate-dropped` names it. State at the provider is rejected all the same.",
    ),
  retries: z
    .int()
    .min(0)
    .max(5)
    .describe(
      "How often a target is tried again that answers with 408, 409, 429 or 5xx, or whose connection fails, before the next target is tried.",
    ),
  hedge_after_ms: z
    .int()
    .min(10)
    .max(600_000)
    .nullable()
    .optional()
    .describe(
      "After how long without content the next target is asked as well, once per request. Both attempts are held first, or there is no second one. The answer whose content comes first is served; the other one is stopped, and what it may cost is charged. Without it, or with null, never.",
    ),
  enabled: z.boolean(),
};

/** Removes repeated aliases, and the name itself. */
export const withoutRepeats = (name: string, aliases: readonly string[]): string[] =>
  [...new Set(aliases)].filter((alias) => alias !== name);

import { z } from "zod";
import { Price } from "#lib/services/prices/price";
import { STRATEGIES } from "./strategies";

const modelName = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,200}$/, "Use 1 to 200 letters, digits and signs, without spaces.");
const tokens = z.int().positive().max(2_147_483_647).nullable().optional();

const ModelTargetInput = z
  .strictObject({
    provider_id: z.uuid("Choose a provider."),
    upstream_model: modelName.describe("The provider's own name for it."),
    priority: z.int().min(0).max(1000).default(0).describe("The lowest is tried first."),
    enabled: z.boolean().default(true),
  })
  .meta({ id: "ModelTargetInput" });
export type ModelTargetInput = z.output<typeof ModelTargetInput>;

/** What is given when a model is made, and in part when it is changed. */
export const modelFields = {
  name: modelName.describe("What clients ask for. Names and aliases are unique across all models."),
  aliases: z.array(modelName).max(50),
  strategy: z
    .enum(STRATEGIES, `Choose one of: ${STRATEGIES.join(", ")}.`)
    .describe("`priority`: by ascending priority, and in the given order within one priority."),
  targets: z
    .array(ModelTargetInput)
    .min(1, "Give at least one target.")
    .max(50)
    .refine(
      (targets) =>
        new Set(targets.map((t) => `${t.provider_id} ${t.upstream_model}`)).size === targets.length,
      "A target stands there twice.",
    ),
  price: Price.nullable()
    .optional()
    .describe(
      "For every target. Without it, or null, each target's price is the catalogue's: the imported one, else the built-in one.",
    ),
  context_window: tokens.describe(
    "Input and output together. Without it, or null, what the catalogue knows.",
  ),
  max_output_tokens: tokens.describe("Without it, or null, what the catalogue knows."),
  enabled: z.boolean(),
};

/** Aliases once each, and none that is the name. */
export const cleanAliases = (name: string, aliases: readonly string[]): string[] =>
  [...new Set(aliases)].filter((alias) => alias !== name);

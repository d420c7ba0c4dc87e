import { z } from "zod";
import { ListModels } from "#lib/providers/list-models-setting";

/** The settings of a simulated provider, as the Admin API takes them. Without any it answers at once. */
export const SimulatedSettings = z.strictObject({
  list_models: ListModels,
  first_token_ms: z.number().min(0).max(600_000).default(0).describe("Time until the answer begins."),
  tokens_per_second: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe("Without it, as fast as the answer is read."),
  reply_tokens: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(64)
    .describe("The answer's length, unless a limit cuts it."),
  fail_with_status: z
    .int()
    .min(400)
    .max(599)
    .optional()
    .describe("Answers every request with this status and an error."),
});

export type SimulatedSettings = z.output<typeof SimulatedSettings>;

import { z } from "zod";

/** The settings of a simulated provider. All optional: without them it answers at once. */
export const SimulatedSettings = z.strictObject({
  /** How long until the answer begins. */
  firstTokenMs: z.number().min(0).max(600_000).default(0),
  /** How fast the answer goes on; without it, as fast as it is read. */
  tokensPerSecond: z.number().positive().max(1_000_000).optional(),
  /** How long an answer is when nothing cuts it. */
  replyTokens: z.int().min(1).max(1_000_000).default(64),
  /** Answers every request with this status and an error: for trying out what clients do then. */
  failWithStatus: z.int().min(400).max(599).optional(),
});

export type SimulatedSettings = z.output<typeof SimulatedSettings>;

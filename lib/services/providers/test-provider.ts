import { z } from "zod";
import { openProvider, ProviderUnusable } from "#lib/providers/open-provider";
import { verb } from "#lib/services/verb";
import { ProviderId } from "./get-provider";
import { readProvider } from "./read-provider";
import type { RoutingContext } from "./routing-context";
import { withAgent } from "./with-agent";

/** The result of a test request. */
export const ProviderTest = z
  .object({
    healthy: z.boolean(),
    latency_ms: z.int(),
    error: z
      .string()
      .optional()
      .describe("What is wrong, if the provider is not healthy. Holds no credentials."),
  })
  .meta({ id: "ProviderTest" });
export type ProviderTest = z.output<typeof ProviderTest>;

/**
 * Sends a provider a request that costs nothing, over connections like the gateway's, and reports within
 * about ten seconds whether its address and credentials work. Changes nothing.
 */
export const testProvider = verb({
  role: "admin",
  input: ProviderId,
  output: ProviderTest,
  run: async (ctx: RoutingContext, { id }) => {
    const stored = await readProvider(ctx.db, id);
    try {
      const provider = openProvider(stored, ctx.config);
      const { latencyMs, error } = await withAgent(ctx, provider.probe);
      return { healthy: error === null, latency_ms: latencyMs, ...(error !== null && { error }) };
    } catch (error) {
      if (error instanceof ProviderUnusable) return { healthy: false, latency_ms: 0, error: error.message };
      throw error;
    }
  },
});

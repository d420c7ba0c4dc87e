import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import { openProvider, ProviderUnusable } from "#lib/providers/open-provider";
import type { OpenedProvider } from "#lib/providers/provider-type";
import { upstreamAgent } from "#lib/providers/upstream-agent";
import { ProviderId } from "./get-provider";
import { readProvider } from "./read-provider";
import { type RoutingContext, requireRoutingAdministrator } from "./routing-context";

/** How a provider did just now. */
export const ProviderTest = z
  .object({
    healthy: z.boolean(),
    latency_ms: z.int(),
    error: z.string().optional().describe("What is wrong, where it is not healthy. Without credentials."),
  })
  .meta({ id: "ProviderTest" });
export type ProviderTest = z.output<typeof ProviderTest>;

/**
 * Sends a provider a request that costs nothing, over connections like the gateway's own, and tells within
 * some ten seconds whether address and credentials are good. Changes nothing.
 * @throws ServiceError "not_found", "forbidden" for all but administrators
 */
export async function testProvider(
  ctx: RoutingContext,
  input: z.input<typeof ProviderId>,
): Promise<ProviderTest> {
  requireRoutingAdministrator(ctx);
  const { id } = parseInput(ProviderId, input);
  const stored = await readProvider(ctx.db, id);
  try {
    const provider = openProvider(stored, ctx.config.ENCRYPTION_KEY);
    return await tested(provider, ctx.config.BLOCK_PRIVATE_UPSTREAMS);
  } catch (error) {
    if (error instanceof ProviderUnusable) return { healthy: false, latency_ms: 0, error: error.message };
    throw error;
  }
}

async function tested(provider: OpenedProvider, blockPrivate: boolean): Promise<ProviderTest> {
  const agent = upstreamAgent({ blockPrivate });
  try {
    const { latencyMs, error } = await provider.probe(agent);
    return { healthy: error === null, latency_ms: latencyMs, ...(error !== null && { error }) };
  } finally {
    await agent.destroy();
  }
}

import { z } from "zod";
import { open, SealBroken } from "#lib/config/seal";
import { parseInput } from "#lib/http/parse-input";
import { upstreamAgent } from "#lib/providers/openai-lane";
import { probe } from "#lib/providers/probe";
import { SimulatedSettings } from "#lib/providers/simulated-settings";
import { effectiveBaseUrl } from "#lib/services/prices/catalogue-price";
import { ProviderId } from "./get-provider";
import type { ProviderRow } from "./provider";
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

const StoredCredentials = z.object({ api_key: z.string() });

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
  const row = await readProvider(ctx.db, id);
  if (row.type === "simulated") return simulated(row);
  const apiKey = openedKey(row, ctx.config.ENCRYPTION_KEY);
  if (apiKey === undefined) {
    return outcome(0, "The stored credentials do not open: was ENCRYPTION_KEY changed? Give them again.");
  }
  const agent = upstreamAgent({ blockPrivate: ctx.config.BLOCK_PRIVATE_UPSTREAMS });
  try {
    const { latencyMs, error } = await probe(agent, { baseUrl: effectiveBaseUrl(row), apiKey });
    return outcome(latencyMs, error);
  } finally {
    await agent.destroy();
  }
}

/** It answers from within this process; all that can be wrong is that it was told to fail. */
function simulated(row: ProviderRow): ProviderTest {
  const settings = SimulatedSettings.safeParse(row.settings);
  if (!settings.success) return outcome(0, "Its settings are not valid: give them again.");
  const { failWithStatus } = settings.data;
  return outcome(0, failWithStatus === undefined ? null : `It is set to fail with status ${failWithStatus}.`);
}

const outcome = (latencyMs: number, error: string | null): ProviderTest =>
  error === null
    ? { healthy: true, latency_ms: latencyMs }
    : { healthy: false, latency_ms: latencyMs, error };

/** Null for a provider without credentials, undefined for those that do not open. */
function openedKey({ credentials }: ProviderRow, encryptionKey: string): string | null | undefined {
  if (credentials === null) return null;
  try {
    return StoredCredentials.parse(JSON.parse(open(credentials, encryptionKey))).api_key;
  } catch (error) {
    if (error instanceof SealBroken || error instanceof SyntaxError || error instanceof z.ZodError) {
      return undefined;
    }
    throw error;
  }
}

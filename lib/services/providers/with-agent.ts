import type { Dispatcher } from "undici";
import { upstreamAgent } from "#lib/providers/upstream-agent";
import type { RoutingContext } from "./routing-context";

/** Runs `use` with connections like the gateway's, which are closed when it ends. */
export async function withAgent<T>(
  { config }: Pick<RoutingContext, "config">,
  use: (agent: Dispatcher) => Promise<T>,
): Promise<T> {
  const agent = upstreamAgent({ blockPrivate: config.BLOCK_PRIVATE_UPSTREAMS });
  try {
    return await use(agent);
  } finally {
    await agent.destroy();
  }
}

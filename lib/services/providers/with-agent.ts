import type { Dispatcher } from "undici";
import { withUpstreamAgent } from "#lib/providers/upstream-agent";
import type { RoutingContext } from "./routing-context";

/** Runs `use` with connections like the gateway's, which are closed when it ends. */
export const withAgent = <T>(
  { config }: Pick<RoutingContext, "config">,
  use: (agent: Dispatcher) => Promise<T>,
): Promise<T> => withUpstreamAgent({ blockPrivate: config.BLOCK_PRIVATE_UPSTREAMS }, use);

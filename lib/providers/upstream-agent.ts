import { isIP } from "node:net";
import { Agent, buildConnector, Client, type Dispatcher } from "undici";
import { AddressNotAllowed, guardedLookup, isAddressAllowed } from "./address";

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

type Options = { blockPrivate: boolean; connectTimeoutMs?: number };

/** The connections to providers. */
export type Connections = {
  /** Keeps connections alive. */
  agent: Dispatcher;
  /** Creates a client whose first request has a connection of its own. */
  fresh: (origin: string) => Client;
};

/** Creates connections, to allowed addresses only (address.ts). */
export function upstreamConnections(options: Options): Connections {
  const connect = guardedConnector(options);
  return {
    agent: new Agent({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, connect }),
    fresh: (origin) => new Client(origin, { headersTimeout: 0, connect }),
  };
}

/** Creates an agent that keeps connections alive and connects to allowed addresses only. */
export const upstreamAgent = (options: Options): Dispatcher => upstreamConnections(options).agent;

/** Runs `use` with such an agent, and closes its connections when it ends. */
export async function withUpstreamAgent<T>(
  options: Options,
  use: (agent: Dispatcher) => Promise<T>,
): Promise<T> {
  const agent = upstreamAgent(options);
  try {
    return await use(agent);
  } finally {
    await agent.destroy();
  }
}

function guardedConnector({ blockPrivate, connectTimeoutMs }: Options): buildConnector.connector {
  const connectGuarded = buildConnector({
    timeout: connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    lookup: guardedLookup(blockPrivate),
  });
  return (to, callback) => {
    // A socket does not call `lookup` for an IP address.
    if (isIP(to.hostname) !== 0 && !isAddressAllowed(to.hostname, blockPrivate)) {
      callback(new AddressNotAllowed("The provider's address is not allowed"), null);
    } else connectGuarded(to, callback);
  };
}

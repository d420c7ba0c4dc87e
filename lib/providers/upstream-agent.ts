import { isIP } from "node:net";
import { Agent, buildConnector } from "undici";
import { AddressNotAllowed, guardedLookup, isAddressAllowed } from "./address";

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

/** Creates an agent that keeps connections alive and connects to allowed addresses only (address.ts). */
export function upstreamAgent(options: { blockPrivate: boolean; connectTimeoutMs?: number }): Agent {
  const connectGuarded = buildConnector({
    timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    lookup: guardedLookup(options.blockPrivate),
  });
  return new Agent({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    connect: (to, callback) => {
      // A socket does not call `lookup` for an IP address.
      if (isIP(to.hostname) !== 0 && !isAddressAllowed(to.hostname, options.blockPrivate)) {
        callback(new AddressNotAllowed("The provider's address is not allowed"), null);
      } else connectGuarded(to, callback);
    },
  });
}

import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beginDrain } from "#lib/config/drain-state";

/** How long requests in flight may take after SIGTERM (contract: Start). */
const DRAIN_LIMIT_MS = 30_000;

const NEW_CONNECTIONS_GRACE_MS = 300;

/**
 * Rejects new requests with 503, waits for those in flight, and closes the server.
 * @returns how many requests were cut off at the time limit
 */
export async function drainRequests(
  server: Server,
  inFlight: () => number,
  limitMs: number = DRAIN_LIMIT_MS,
): Promise<number> {
  beginDrain();
  server.closeIdleConnections();
  const deadline = Date.now() + limitMs;
  while (inFlight() > 0 && Date.now() < deadline) await sleep(20);
  const cutOff = inFlight();
  const closed = new Promise((resolve) => server.close(resolve));
  // A client that has just connected gets a 503 for its request rather than a broken connection.
  if (cutOff === 0) await Promise.race([closed, sleep(NEW_CONNECTIONS_GRACE_MS)]);
  server.closeAllConnections();
  await closed;
  return cutOff;
}

/**
 * Calls `drain` at the first SIGTERM or SIGINT and `abandon` at the second. Ctrl-C under npm arrives twice at once,
 * from the terminal and from npm, and counts once.
 */
export function onStopSignal(drain: (signal: NodeJS.Signals) => void, abandon: () => void): void {
  let firstAt: number | undefined;
  const receive = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      drain(signal);
    } else if (Date.now() - firstAt > 500) {
      abandon();
    }
  };
  process.on("SIGTERM", receive);
  process.on("SIGINT", receive);
}

import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { beginDrain } from "#lib/config/drain-state";

/** How long streams in flight may go on after SIGTERM (contract: Start). */
const DRAIN_LIMIT_MS = 30_000;

const LAST_ASKERS_MS = 300;

/**
 * Refuses new work and waits for what is in flight; then nothing is open any more. The port answers
 * 503 meanwhile, rather than nothing, so that a client knows to try elsewhere.
 * @returns how many requests were cut off because the time was up
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
  // Who has just connected is about to ask, and gets its 503 rather than a connection that breaks.
  if (cutOff === 0) await Promise.race([closed, sleep(LAST_ASKERS_MS)]);
  server.closeAllConnections();
  await closed;
  return cutOff;
}

/**
 * Calls `drain` at the first SIGTERM or SIGINT and `abandon` at a second one. Ctrl-C under npm comes
 * twice at once, from the terminal and from npm: that is one.
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

import type { Server } from "node:http";
import type { PortalProcess } from "#lib/boot/portal/process";
import type { Booted } from "#lib/boot/start/boot";
import { beginDrain } from "#lib/config/drain-state";
import { requestsWithoutClient } from "#lib/gateway/runtime/process-gateway";
import { shutdownGateway } from "#lib/gateway/runtime/shutdown-gateway";
import { log } from "#lib/observability/log";
import { drainRequests } from "./drain";

/** The HTTP server that listens, and its requests in flight. */
export type ListeningServer = {
  /** Null before the first request. */
  server: () => Server | null;
  /** Requests that are not fully answered yet. */
  inFlight: () => number;
};

/** What has to stop with it. */
type Running = { booted: Booted; portal?: PortalProcess };

/** Ends the process: rejects new requests, lets requests in flight end, settles open holds, then stops the database. */
export async function stop(
  listening: ListeningServer,
  { booted, portal }: Running,
  signal: NodeJS.Signals,
): Promise<never> {
  const inFlight = () => listening.inFlight() + requestsWithoutClient();
  log.info({ signal, in_flight: inFlight() }, "draining");
  beginDrain();
  try {
    const server = listening.server();
    const cutOff = server === null ? 0 : await drainRequests(server, inFlight);
    if (cutOff > 0) log.warn({ requests: cutOff }, "the drain timed out and cut off requests");
    await portal?.stop();
    await shutdownGateway();
    await booted.close();
    log.info("stopped");
    process.exit(0);
  } catch (error) {
    log.error({ err: error }, "the drain failed");
    process.exit(1);
  }
}

import type { Server } from "node:http";
import type { PortalProcess } from "#lib/boot/portal/process";
import type { Booted } from "#lib/boot/start/boot";
import { beginDrain } from "#lib/config/drain-state";
import { requestsLeftBehind, shutdownGateway } from "#lib/gateway/runtime";
import { log } from "#lib/observability/log";
import { drainRequests } from "./drain";

/** The HTTP server in front, and what it is busy with. */
export type ListeningServer = {
  /** Null: nobody has come by yet. */
  server: () => Server | null;
  /** Requests whose answer is not whole yet. */
  inFlight: () => number;
};

/** What has to end with it. */
type Running = { booted: Booted; portal?: PortalProcess };

/** Ends the process in good order: nothing new, what is in flight ends, what is open is settled, the database last. */
export async function stop(
  listening: ListeningServer,
  { booted, portal }: Running,
  signal: NodeJS.Signals,
): Promise<never> {
  const inFlight = () => listening.inFlight() + requestsLeftBehind();
  log.info({ signal, in_flight: inFlight() }, "draining");
  beginDrain();
  try {
    const server = listening.server();
    const cutOff = server === null ? 0 : await drainRequests(server, inFlight);
    if (cutOff > 0) log.warn({ requests: cutOff }, "the drain took too long: streams were cut off");
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

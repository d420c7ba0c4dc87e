import { subscribe } from "node:diagnostics_channel";
import { Server, ServerResponse } from "node:http";
import type { ListeningServer } from "#lib/boot/shutdown/stop";

/**
 * Observes Next's own HTTP server (`next start`), which Next does not expose, through Node's diagnostics channel.
 */
export function nextServer(): ListeningServer {
  let server: Server | null = null;
  let inFlight = 0;
  subscribe("http.server.request.start", (message) => {
    if (typeof message !== "object" || message === null) return;
    if (!("response" in message) || !(message.response instanceof ServerResponse)) return;
    if ("server" in message && message.server instanceof Server) server = message.server;
    inFlight += 1;
    message.response.once("close", () => {
      inFlight -= 1;
    });
  });
  return { server: () => server, inFlight: () => inFlight };
}

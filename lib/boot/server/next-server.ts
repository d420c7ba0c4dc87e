import { subscribe } from "node:diagnostics_channel";
import { Server, ServerResponse } from "node:http";
import type { ListeningServer } from "#lib/boot/shutdown/stop";

/**
 * Watches the HTTP server of this process, which is Next's own (`next start`) and not to be had from it: by what
 * Node tells of each request.
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

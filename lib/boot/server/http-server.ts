import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isDraining } from "#lib/config/drain-state";
import { stampPeer } from "#lib/http/peer-stamp";
import { gatewayPath } from "./gateway-path";
import { answerMalformedRequests } from "./malformed-requests";
import { sendUnavailable } from "./unavailable";

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What answers requests once boot is done. */
export type Handlers = {
  /** Null in development: there the gateway's route handlers, which reload, answer under Next. */
  gateway: NodeHandler | null;
  portal: NodeHandler;
};

export type HttpServer = {
  server: Server;
  open(rooms: Handlers): void;
  /** Requests whose answer is not whole yet. */
  inFlight(): number;
};

/** Longer than the idle time-outs of common load balancers, which must be the first to close. */
const KEEP_ALIVE_MS = 75_000;

/**
 * The HTTP server of self-hosting: requests of the data plane go straight to the gateway, the others to
 * the portal. Until it is opened, and in a drain, it answers 503 by itself.
 */
export function createHttpServer(): HttpServer {
  let portal: NodeHandler | undefined;
  let gateway: NodeHandler | undefined;
  let inFlight = 0;

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const path = gatewayPath(request.url ?? "/");
    if (isDraining()) {
      // What was promised is finished; this one was not, and its connection goes with it.
      response.setHeader("connection", "close");
      if (request.url !== "/livez" || !portal)
        return sendUnavailable(response, "Tollgate is shutting down: try again.");
    }
    if (!portal) return sendUnavailable(response, "Tollgate is starting: try again in a moment.");
    inFlight += 1;
    response.once("close", () => {
      inFlight -= 1;
    });
    if (gateway === undefined || path === undefined) {
      stampPeer(request);
      return portal(request, response);
    }
    request.url = path;
    return gateway(request, response);
  });
  answerMalformedRequests(server);
  return {
    server,
    open: (rooms) => {
      portal = rooms.portal;
      gateway = rooms.gateway ?? undefined;
    },
    inFlight: () => inFlight,
  };
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isDraining } from "#lib/config/drain-state";
import { dataPlaneUrl } from "#lib/dialects/paths";
import { hasApiCredential } from "#lib/http/api-credential";
import { ApiError } from "#lib/http/api-error";
import { stampPeer } from "#lib/http/peer-stamp";
import { answerMalformedRequests } from "./malformed-requests";
import { sendError, sendUnavailable } from "./send-error";

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What answers requests once boot is done. */
export type Handlers = {
  /** Null in development, where the route handlers under Next serve the gateway, because they reload. */
  gateway: NodeHandler | null;
  portal: NodeHandler;
};

export type HttpServer = {
  server: Server;
  open(rooms: Handlers): void;
  /** Requests that are not fully answered yet. */
  inFlight(): number;
};

/** Longer than the idle time-outs of common load balancers, which must close first. */
const KEEP_ALIVE_MS = 75_000;

const UNDECODABLE = new ApiError("invalid_request", "The path is not validly percent-encoded.");

/** Next answers such paths with a bare 500. */
function isUndecodableApi(url: string): boolean {
  const [path = ""] = url.split("?");
  if (!path.startsWith("/api/")) return false;
  try {
    decodeURIComponent(path);
    return false;
  } catch {
    return true;
  }
}

/**
 * The HTTP server for self-hosting: sends data-plane requests straight to the gateway and the rest to the portal.
 * Before `open`, and during a drain, it answers 503.
 */
export function createHttpServer(): HttpServer {
  let portal: NodeHandler | undefined;
  let gateway: NodeHandler | undefined;
  let inFlight = 0;

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const dataPlane = dataPlaneUrl(request.url ?? "/", () => hasApiCredential(request.headers));
    if (isDraining()) {
      // Close the connection, so that the client connects to another replica.
      response.setHeader("connection", "close");
      if (request.url !== "/livez" || !portal)
        return sendUnavailable(response, "Tollgate is shutting down. Try again.");
    }
    if (!portal) return sendUnavailable(response, "Tollgate is starting. Try again in a moment.");
    inFlight += 1;
    response.once("close", () => {
      inFlight -= 1;
    });
    if (gateway === undefined || dataPlane === undefined) {
      if (isUndecodableApi(request.url ?? "/")) return sendError(response, UNDECODABLE);
      stampPeer(request);
      return portal(request, response);
    }
    request.url = dataPlane;
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

import { Agent, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import type { NodeHandler } from "#lib/boot/server/http-server";
import { sendUnavailable } from "#lib/boot/server/unavailable";
import { PEER_HEADER } from "#lib/http/peer-stamp";

/**
 * What is between two neighbours and not passed on; framing is each connection's own, and 100 Continue was
 * said by the front door. Names that `Connection` adds are not heeded: a client could so remove what a proxy
 * in front has written of it.
 */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const MAX_ANSWER_HEAD_BYTES = 256 * 1024;

/**
 * Passes requests on to a server on a Unix socket (or Windows pipe), and its answers back, as they come. While
 * nobody listens there, and where that process ends before it has answered, the answer is 503.
 */
export function proxyTo(socketPath: string): { handle: NodeHandler; close(): void } {
  const agent = new Agent({ keepAlive: true });
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const outgoing = ask({
      agent,
      socketPath,
      method: request.method,
      path: request.url,
      headers: requestHeaders(request),
      maxHeaderSize: MAX_ANSWER_HEAD_BYTES,
    });
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedOn(answer.rawHeaders));
      response.flushHeaders();
      answer.pipe(response);
      answer.once("close", () => {
        if (!answer.complete) response.destroy();
      });
    });
    outgoing.on("error", () => {
      if (response.headersSent) response.destroy();
      else if (!response.destroyed)
        sendUnavailable(response, "The portal is starting: try again in a moment.");
    });
    request.pipe(outgoing);
    // What is left of a body that nobody wants any more must not hold up the connection: read past, and not
    // before it is unpiped, which pauses it.
    const readPast = () => {
      request.unpipe(outgoing);
      request.resume();
    };
    outgoing.once("close", readPast);
    // The client has gone, or has its answer.
    response.once("close", () => {
      outgoing.destroy();
      readPast();
    });
  };
  return { handle, close: () => agent.destroy() };
}

/** With the peer's note that the front door has made, and none that a client has. */
function requestHeaders({ headers, rawHeaders }: IncomingMessage): string[] {
  const passed = passedOn(rawHeaders, PEER_HEADER);
  const noted = headers[PEER_HEADER];
  if (typeof noted === "string") passed.push(PEER_HEADER, noted);
  if (headers["transfer-encoding"] !== undefined) passed.push("transfer-encoding", "chunked");
  return passed;
}

function passedOn(rawHeaders: readonly string[], without?: string): string[] {
  const passed: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = [rawHeaders[at], rawHeaders[at + 1]];
    const lower = name.toLowerCase();
    if (lower !== without && !HOP_BY_HOP.has(lower)) passed.push(name, value);
  }
  return passed;
}

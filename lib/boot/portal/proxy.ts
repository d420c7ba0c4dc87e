import { Agent, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import type { NodeHandler } from "#lib/boot/server/http-server";
import { sendError, sendUnavailable } from "#lib/boot/server/send-error";
import { CONNECTION_HEADERS } from "#lib/config/connection-headers";
import { PEER_HEADER } from "#lib/http/peer-stamp";
import { mostPortalBytes } from "#lib/http/portal-bodies";
import { bodyTooLarge } from "#lib/http/read-body";

const MAX_ANSWER_HEAD_BYTES = 256 * 1024;

/**
 * Streams requests to a server on a Unix socket (or Windows pipe), and its responses back. Answers 413 for a body larger
 * than the portal takes, and 503 while nothing listens there, or if that process ends before it responds.
 */
export function proxyTo(socketPath: string): { handle: NodeHandler; close(): void } {
  const agent = new Agent({ keepAlive: true });
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const mostBytes = mostPortalBytes(request.url ?? "/");
    if (Number(request.headers["content-length"]) > mostBytes) {
      sendError(response, bodyTooLarge(mostBytes));
      request.resume();
      return;
    }
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
    // A declared length is only a claim.
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostBytes || outgoing.destroyed) return;
      if (!response.headersSent) sendError(response, bodyTooLarge(mostBytes));
      outgoing.destroy();
    });
    outgoing.on("error", () => {
      if (bytes > mostBytes) return;
      if (response.headersSent) response.destroy();
      else if (!response.destroyed)
        sendUnavailable(response, "The portal is starting. Try again in a moment.");
    });
    request.pipe(outgoing);
    // Discard the rest of an unwanted body, which would block the connection. Resume after unpipe, which pauses.
    const discardBody = () => {
      request.unpipe(outgoing);
      request.resume();
    };
    outgoing.once("close", discardBody);
    // The client disconnected or has its response.
    response.once("close", () => {
      outgoing.destroy();
      discardBody();
    });
  };
  return { handle, close: () => agent.destroy() };
}

/** The request's headers, with the peer header that the HTTP server set and without one that a client sent. */
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
    // Names in `Connection` are ignored: a client could use them to remove a header that a proxy in front has added.
    if (lower !== without && !CONNECTION_HEADERS.has(lower)) passed.push(name, value);
  }
  return passed;
}

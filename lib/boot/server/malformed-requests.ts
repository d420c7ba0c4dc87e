import type { Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { uuidv7 } from "#lib/credit/request-id";
import { ApiError, errorBody } from "#lib/http/api-error";

const MALFORMED = new ApiError("invalid_request", "Malformed HTTP request.");
const TOO_SLOW = new ApiError("request_timeout", "The request took too long to arrive. Send it again.");
const HEADERS_TOO_LARGE = new ApiError("invalid_request", "The request's headers are too large.");

/** Responses by the error code of Node's HTTP server. */
const KNOWN = new Map([
  ["HPE_HEADER_OVERFLOW", { status: "431 Request Header Fields Too Large", error: HEADERS_TOO_LARGE }],
  ["ERR_HTTP_REQUEST_TIMEOUT", { status: "408 Request Timeout", error: TOO_SLOW }],
]);
const UNKNOWN = { status: "400 Bad Request", error: MALFORMED };

/**
 * Answers requests that Node cannot parse (not HTTP, headers too large or too slow) with our usual error body; Node
 * would send a bare status line.
 */
export function answerMalformedRequests(server: Server): void {
  /** The last response of each connection: an error must not be written into an unfinished response. */
  const answers = new WeakMap<object, { last?: ServerResponse }>();
  server.on("connection", (socket) => answers.set(socket, {}));
  server.on("request", ({ socket }, response) => {
    const answer = answers.get(socket);
    if (answer) answer.last = response;
  });
  server.on("clientError", (cause: NodeJS.ErrnoException, socket) => {
    const last = answers.get(socket)?.last;
    if (!socket.writable || (last?.headersSent && !last.writableFinished)) return void socket.destroy(cause);
    const { status, error } = KNOWN.get(cause.code ?? "") ?? UNKNOWN;
    const body = errorBody(error);
    const head = [
      `HTTP/1.1 ${status}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${uuidv7()}`,
      "cache-control: no-store",
      "x-content-type-options: nosniff",
      "connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
    closeSoon(socket);
  });
}

const CLOSE_AFTER_MS = 2_000;

/** A client that does not read the response must not keep the connection. */
function closeSoon(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), CLOSE_AFTER_MS).unref();
  socket.once("close", () => clearTimeout(timer));
}

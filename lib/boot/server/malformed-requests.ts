import type { Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { uuidv7 } from "#lib/credit/request-id";
import { ApiError, errorBody } from "#lib/http/api-error";

const MALFORMED = new ApiError("invalid_request", "This is no HTTP request that can be read.");
const TOO_SLOW = new ApiError("request_timeout", "The request took too long to arrive. Send it again.");
const HEADERS_TOO_LARGE = new ApiError("invalid_request", "The request's headers are too large.");

/** What Node's HTTP server calls what is wrong; the status is HTTP's own. */
const KNOWN = new Map([
  ["HPE_HEADER_OVERFLOW", { status: "431 Request Header Fields Too Large", error: HEADERS_TOO_LARGE }],
  ["ERR_HTTP_REQUEST_TIMEOUT", { status: "408 Request Timeout", error: TOO_SLOW }],
]);
const UNKNOWN = { status: "400 Bad Request", error: MALFORMED };

/**
 * Answers what never becomes a request (no HTTP, headers that are too large or too slow) as every other error
 * is answered; Node itself would send a bare status line.
 */
export function answerMalformedRequests(server: Server): void {
  /** The last answer of each connection: none may be written into one that has begun and is not whole. */
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
      "connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
    closeSoon(socket);
  });
}

const PATIENCE_MS = 2_000;

/** Whoever does not read the answer does not keep the connection. */
function closeSoon(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MS).unref();
  socket.once("close", () => clearTimeout(timer));
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "#lib/gateway/pipeline/serve";
import type { GatewayAnswer, GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { BODY_TIMEOUTS } from "#lib/http/body-timeouts";
import { bodyPace } from "#lib/http/pace-body";
import { hasArrived, readIncoming } from "#lib/http/read-incoming";
import { type Cancellation, newCancellation } from "#lib/providers/cancellation";

/** How long a client may go on sending the body of a rejected request before its connection is cut. */
const REJECTED_BODY_MS = 5_000;

/** Node writes head and body together only for text, so small bodies go as latin1, which keeps every byte. */
const MAX_JOINED_BYTES = 32_768;

/** Answers a request on Node's HTTP server, without Web objects or streams (ARCHITECTURE.md says why). */
export async function answerNode(
  gateway: Gateway,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = newCancellation();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.cancel();
  });
  const answer = await serve(gateway, fromNode(incoming, gone));
  if (outgoing.destroyed) return discard(answer);
  if (!incoming.complete) discardBody(incoming);
  try {
    const writing = write(answer, outgoing);
    if (writing) await writing;
  } catch (error) {
    gateway.log.error({ err: error }, "could not write an answer");
    outgoing.destroy();
  }
}

function fromNode(incoming: IncomingMessage, gone: Cancellation): GatewayRequest {
  return {
    method: incoming.method ?? "GET",
    url: incoming.url ?? "/",
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(", ") : (value ?? null);
    },
    headerNames: () => Object.keys(incoming.headers),
    gone,
    socket: incoming.socket,
    hasArrived: () => hasArrived(incoming),
    readBody: (maxBytes, count) => readIncoming(incoming, maxBytes, BODY_TIMEOUTS, count),
  };
}

/** Returns no promise if everything is written at once. */
function write(
  { status, headers, body }: GatewayAnswer,
  outgoing: ServerResponse,
): Promise<void> | undefined {
  const isWhole = typeof body === "string" || Buffer.isBuffer(body);
  if (isWhole) headers["content-length"] = String(Buffer.byteLength(body));
  outgoing.writeHead(status, headers);
  if (!isWhole) return writeChunks(body, outgoing);
  if (typeof body === "string" || body.length > MAX_JOINED_BYTES) outgoing.end(body);
  else outgoing.end(body.toString("latin1"), "latin1");
}

async function writeChunks(chunks: AsyncIterable<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  for await (const chunk of chunks) {
    if (!outgoing.write(chunk)) await drained(outgoing);
    if (outgoing.destroyed) return;
  }
  outgoing.end();
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
    if (outgoing.destroyed) done();
  });
}

async function discard({ body }: GatewayAnswer): Promise<void> {
  if (typeof body !== "string" && !Buffer.isBuffer(body)) await body.return();
}

/**
 * Reads and drops the rest of a rejected request's body, for a while. Closing at once would reset the connection,
 * and the client might lose its answer.
 */
function discardBody(incoming: IncomingMessage): void {
  incoming.on("error", () => {});
  incoming.on("data", bodyPace(incoming));
  incoming.resume();
  const timeout = setTimeout(() => incoming.destroy(), REJECTED_BODY_MS).unref();
  incoming.once("end", () => clearTimeout(timeout));
}

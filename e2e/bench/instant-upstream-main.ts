import { createServer, type Socket } from "node:net";
import { chatAnswer } from "#lib/testing/upstream/chat-answer";
import { modelOf } from "#lib/testing/upstream/matching";
import { requestReader } from "./request-reader";
import { BENCH_CONTENT, otherAnswerOf } from "./scenarios";

/** The writes of an answer. */
type Wire = readonly Buffer[];

/** The answer to any other request, such as a readiness check. */
const NOTHING: Wire = [Buffer.from("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")];
/** The answer to a check whether the provider can be reached, which must not cost anything (models-probe.ts). */
const NO_MODEL: Wire = [Buffer.from("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")];

/** Answers by path and body, since there are only a few different requests. */
const wires = new Map<string, Wire>();

/**
 * Returns the same answer as the fake upstream of the tests (lib/testing/upstream), for plain sockets: an HTTP server would
 * use CPU time that the gateways need.
 */
function wireOf(body: string, path: string): Wire {
  if (body === "") return NOTHING;
  if (body === "{}") return NO_MODEL;
  const key = path + body;
  const known = wires.get(key);
  if (known) return known;
  // Gemini has the model, and whether it streams, in the path.
  const model = /models\/([^:]+):/.exec(path)?.[1] ?? modelOf(JSON.parse(body)) ?? "";
  const stream = body.includes('"stream":true') || path.includes(":streamGenerateContent");
  const { headers, pieces } = answerOf(model, stream, body);
  const framing = stream ? "transfer-encoding: chunked" : `content-length: ${pieces[0]?.length ?? 0}`;
  const lines = ["HTTP/1.1 200 OK", ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const head = Buffer.from(`${[...lines, framing, "connection: keep-alive"].join("\r\n")}\r\n\r\n`);
  const wire = stream
    ? [head, ...pieces.map(chunk), Buffer.from("0\r\n\r\n")]
    : [Buffer.concat([head, ...pieces])];
  wires.set(key, wire);
  return wire;
}

function answerOf(model: string, stream: boolean, body: string) {
  const other = otherAnswerOf(model, stream);
  if (other !== null) {
    const type = stream ? "text/event-stream; charset=utf-8" : "application/json";
    return { headers: { "content-type": type }, pieces: other };
  }
  const content = BENCH_CONTENT[model];
  if (content === undefined) throw new Error(`Not a model of the bench: ${body}`);
  const includeUsage = body.includes('"include_usage":true');
  return chatAnswer(content, { model, stream, includeUsage, maxTokens: null });
}

const chunk = (piece: Buffer) =>
  Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  const read = requestReader((body, path) => {
    for (const piece of wireOf(body, path)) socket.write(piece);
  });
  socket.on("data", (bytes) => {
    try {
      read(bytes);
    } catch (error) {
      console.error(error);
      socket.destroy();
    }
  });
  // A gateway that stops resets its connections.
  socket.on("error", () => socket.destroy());
}

const server = createServer(serve).listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.(address.port);
});
process.on("disconnect", () => process.exit());

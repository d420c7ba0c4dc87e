import { createServer, type Socket } from "node:net";
import { chatAnswer } from "#lib/testing/upstream/chat-answer";
import { modelOf } from "#lib/testing/upstream/matching";
import { requestReader } from "./request-reader";
import { BENCH_CONTENT } from "./scenarios";

/** The pieces of an answer as they go over the wire, one write each. */
type Wire = readonly Buffer[];

/** Asked for anything else, as when a gateway is waited for. */
const NOTHING: Wire = [Buffer.from("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")];

/** Every answer is made once: of requests there are only so many kinds. */
const wires = new Map<string, Wire>();

/**
 * The model's answer as the fake upstream of the tests gives it (../upstream), written by hand to plain sockets: what
 * an HTTP server would cost here is taken from the cores that the gateways have.
 */
function wireOf(body: string): Wire {
  if (body === "") return NOTHING;
  const known = wires.get(body);
  if (known) return known;
  const asked: unknown = JSON.parse(body);
  const model = modelOf(asked) ?? "";
  const content = BENCH_CONTENT[model];
  if (content === undefined) throw new Error(`no model of the bench: ${body}`);
  const stream = body.includes('"stream":true');
  const includeUsage = body.includes('"include_usage":true');
  const { headers, pieces } = chatAnswer(content, { model, stream, includeUsage, maxTokens: null });
  const framing = stream ? "transfer-encoding: chunked" : `content-length: ${pieces[0]?.length ?? 0}`;
  const lines = ["HTTP/1.1 200 OK", ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const head = Buffer.from(`${[...lines, framing, "connection: keep-alive"].join("\r\n")}\r\n\r\n`);
  const wire = stream
    ? [head, ...pieces.map(chunk), Buffer.from("0\r\n\r\n")]
    : [Buffer.concat([head, ...pieces])];
  wires.set(body, wire);
  return wire;
}

const chunk = (piece: Buffer) =>
  Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  const read = requestReader((body) => {
    for (const piece of wireOf(body)) socket.write(piece);
  });
  socket.on("data", (bytes) => {
    try {
      read(bytes);
    } catch (error) {
      console.error(error);
      socket.destroy();
    }
  });
  // A gateway that is stopped breaks its connections off.
  socket.on("error", () => socket.destroy());
}

const server = createServer(serve).listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.(address.port);
});
process.on("disconnect", () => process.exit());

import { createServer, type IncomingMessage, request as send } from "node:http";
import { buffer } from "node:stream/consumers";
import { closeServer, listen } from "#lib/testing/listening";

/** What a client sent, and what it was answered. */
export type Exchange = {
  method: string;
  path: string;
  body: string;
  status: number;
  requestId: string;
  answer: string;
};

export type RecordingProxy = { url: string; exchanges: Exchange[]; stop(): Promise<void> };

/** Passes everything on to `target`, as it arrives, and keeps a copy. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    const { method = "", url: path = "", headers } = incoming;
    const exchange: Exchange = { method, path, body: body.toString(), status: 0, requestId: "", answer: "" };
    exchanges.push(exchange);
    const { host: _, ...passed } = headers;
    const onward = send(new URL(path, target), { method, headers: passed }, (answered: IncomingMessage) => {
      exchange.status = answered.statusCode ?? 0;
      exchange.requestId = String(answered.headers["x-request-id"] ?? "");
      outgoing.writeHead(exchange.status, answered.headers);
      answered.on("data", (chunk: Buffer) => {
        exchange.answer += chunk.toString();
        outgoing.write(chunk);
      });
      answered.on("end", () => outgoing.end());
      answered.on("error", () => outgoing.destroy());
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    onward.end(body);
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, exchanges, stop: () => closeServer(server) };
}

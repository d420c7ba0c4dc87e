import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll } from "vitest";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { closeServer, listen } from "#lib/testing/listening";

/** Answers one request to a fake provider. */
type Answer = (request: { incoming: IncomingMessage; body: JsonObject }, outgoing: ServerResponse) => void;

/** How an answer of a fake goes wrong. */
export type Broken<Failure> = {
  error?: Failure;
  /** Whether the error comes within the stream, after the content. */
  isLate?: boolean;
  /** Whether the stream breaks off before its end. */
  isCut?: boolean;
};

/** Starts a fake provider for the tests of a file. Returns where it is. */
export async function serveFake(answer: Answer): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const body = await json(incoming);
    answer({ incoming, body: isObject(body) ? body : {} }, outgoing);
  });
  const port = await listen(server);
  afterAll(() => closeServer(server));
  return `http://127.0.0.1:${port}`;
}

/** Answers in JSON. */
export function replyJson(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(body));
}

/** Answers with events, and breaks off after them if the answer is cut. */
export function replyEvents(outgoing: ServerResponse, events: readonly string[], isCut = false): void {
  outgoing.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) outgoing.write(event);
  if (isCut) outgoing.destroy();
  else outgoing.end();
}

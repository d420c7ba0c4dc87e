import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { serverOfFile } from "#lib/testing/server-of-file";

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
export const serveFake = (answer: Answer): Promise<string> =>
  serverOfFile(async (incoming, outgoing) => {
    // A probe, which has no body, must not end the tests.
    const given = await text(incoming);
    const body: unknown = given === "" ? {} : JSON.parse(given);
    answer({ incoming, body: isObject(body) ? body : {} }, outgoing);
  });

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

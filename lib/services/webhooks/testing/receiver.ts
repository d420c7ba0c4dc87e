import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { afterAll } from "vitest";
import { closeServer, listen } from "#lib/testing/listening";

export type Received = { headers: IncomingHttpHeaders; body: string; method: string | undefined };

/** A receiver of webhooks: keeps what arrives, and answers as a test says. */
export type Receiver = {
  url: string;
  received: Received[];
  /** Sets how it answers from now on: a status, or a function. */
  answer(with_: number | ((response: ServerResponse) => void)): void;
};

/** Starts a receiver that accepts everything, for the tests of a file. */
export async function receiverOfFile(): Promise<Receiver> {
  const received: Received[] = [];
  let respond: (response: ServerResponse) => void = (response) => response.writeHead(204).end();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body, method: request.method });
      respond(response);
    });
  });
  const port = await listen(server);
  afterAll(() => closeServer(server));
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: (with_) => {
      respond = typeof with_ === "number" ? (response) => response.writeHead(with_).end() : with_;
    },
  };
}

import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { serverOfFile } from "#lib/testing/server-of-file";

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
  const origin = await serverOfFile((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body, method: request.method });
      respond(response);
    });
  });
  return {
    url: `${origin}/hook`,
    received,
    answer: (with_) => {
      respond = typeof with_ === "number" ? (response) => response.writeHead(with_).end() : with_;
    },
  };
}

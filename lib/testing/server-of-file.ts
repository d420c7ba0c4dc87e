import { createServer, type RequestListener } from "node:http";
import { afterAll } from "vitest";
import { closeServer, listen } from "./listening";

/** Starts an HTTP server for the tests of a file. Returns its origin. */
export async function serverOfFile(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  const port = await listen(server);
  afterAll(() => closeServer(server));
  return `http://127.0.0.1:${port}`;
}

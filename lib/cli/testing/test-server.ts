import { afterAll } from "vitest";
import { startFakeServer, TOKEN } from "./fake-server";
import { type RunOptions, runHere } from "./run-here";

/** Starts a fake server for the tests of a file; `run` runs a command line against it, with its token. */
export async function startTestServer() {
  const server = await startFakeServer();
  afterAll(() => server.close());
  const run = (args: readonly string[], options: RunOptions = {}) =>
    runHere(args, { url: server.url, token: TOKEN, ...options });
  return { server, run };
}

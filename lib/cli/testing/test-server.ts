import { afterAll } from "vitest";
import { startFakeServer, TOKEN } from "./fake-server";
import { type RunOptions, runHere } from "./run-here";

/**
 * Starts a fake server for the tests of a file. `run` runs a command line against it, with its token;
 * `createOrganization` creates one in this way and returns what the server answered.
 */
export async function startTestServer() {
  const server = await startFakeServer();
  afterAll(() => server.close());
  const run = (args: readonly string[], options: RunOptions = {}) =>
    runHere(args, { url: server.url, token: TOKEN, ...options });
  const createOrganization = async (name = "Acme") =>
    JSON.parse((await run(["org", "create", name, "--json"])).out);
  return { server, run, createOrganization };
}

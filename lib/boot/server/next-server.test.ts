import { createServer, type ServerResponse } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { listen } from "./listen";
import { nextServer } from "./next-server";

const open: ServerResponse[] = [];
const server = createServer((_, response) => void open.push(response));
afterEach(() => server.closeAllConnections());

test("finds the server at its first request, and counts requests in flight", async () => {
  const listening = nextServer();
  const url = `http://127.0.0.1:${await listen(server, 0, "127.0.0.1")}/`;
  expect([listening.server(), listening.inFlight()]).toEqual([null, 0]);

  const leaving = new AbortController();
  const answers = [fetch(url), fetch(url), fetch(url, { signal: leaving.signal }).catch(() => null)];
  await vi.waitFor(() => expect(listening.inFlight()).toBe(3), { timeout: 10_000 });
  expect(listening.server()).toBe(server);

  leaving.abort();
  await vi.waitFor(() => expect(listening.inFlight()).toBe(2), { timeout: 10_000 });
  for (const response of open) response.end();
  await Promise.all(answers);
  await vi.waitFor(() => expect(listening.inFlight()).toBe(0), { timeout: 10_000 });
  server.close();
});

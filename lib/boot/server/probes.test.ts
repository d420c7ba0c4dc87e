import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Probe } from "#lib/services/health/probes";
import { listen } from "./listen";
import { withProbes } from "./probes";

let server: Server;
let url = "";
let ready: Probe = { status: 200, body: { status: "ready" } };
beforeEach(async () => {
  const handle = withProbes(
    (request, response) => response.end(`portal ${request.method} ${request.url}`),
    async () => ready,
  );
  server = createServer(handle);
  url = `http://127.0.0.1:${await listen(server, 0, "127.0.0.1")}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test("answers probes without the portal and without caching", async () => {
  const alive = await fetch(`${url}/livez`);
  expect([alive.status, await alive.json()]).toEqual([200, { status: "alive" }]);
  expect(alive.headers.get("cache-control")).toBe("no-store");
  expect(alive.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect((await fetch(`${url}/readyz?from=lb`, { method: "HEAD" })).status).toBe(200);
  ready = { status: 503, body: { status: "unavailable" } };
  const unready = await fetch(`${url}/readyz`);
  expect([unready.status, await unready.json()]).toEqual([503, { status: "unavailable" }]);
});

test("passes everything else to the portal", async () => {
  expect(await (await fetch(`${url}/health`)).text()).toBe("portal GET /health");
  expect(await (await fetch(`${url}/readyz`, { method: "POST" })).text()).toBe("portal POST /readyz");
});

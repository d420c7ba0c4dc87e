import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { drainRequests } from "#lib/boot/shutdown/drain";
import { forgetDrain } from "#lib/config/testing/forget-drain";
import { createHttpServer, type HttpServer } from "./http-server";
import { listen } from "./listen";

let http: HttpServer;
let url = "";
let finishStream = () => {};

async function portal(request: IncomingMessage, response: ServerResponse) {
  response.end(`portal ${request.url}`);
}

function gateway(request: IncomingMessage, response: ServerResponse) {
  if (request.url === "/v1/never") return;
  if (request.url !== "/v1/stream") {
    response.end(`gateway ${request.url}`);
    return;
  }
  response.write("first ");
  finishStream = () => response.end("last");
}

beforeEach(async () => {
  http = createHttpServer();
  const port = await listen(http.server, 0, "127.0.0.1");
  url = `http://127.0.0.1:${port}`;
});
afterEach(() => {
  http.server.closeAllConnections();
  http.server.close();
  forgetDrain();
});

describe("the HTTP server", () => {
  test("answers 503 until it is opened", async () => {
    const answer = await fetch(`${url}/v1/models`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await answer.json()).toMatchObject({
      error: { code: "service_unavailable", type: "server_error" },
    });
  });

  test("sends data-plane paths and their aliases to the gateway, the rest to the portal", async () => {
    http.open({ gateway, portal });
    const textOf = async (path: string) => (await fetch(url + path)).text();
    expect(await textOf("/v1/models")).toBe("gateway /v1/models");
    expect(await textOf("/chat/completions")).toBe("gateway /chat/completions");
    expect(await textOf("/llm/v1/chat/completions")).toBe("gateway /llm/v1/chat/completions");
    expect(await textOf("/keys?page=2")).toBe("portal /keys?page=2");
    expect(await textOf("/models")).toBe("portal /models");
  });

  test("answers a path of the Admin API that cannot be decoded, which Next would answer with a bare 500", async () => {
    http.open({ gateway, portal });
    const answer = await fetch(`${url}/api/admin/v1/users/external_id:%E0%A4?limit=1`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "invalid_request" } });
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const query = "/api/admin/v1/users?search=100%";
    expect(await (await fetch(url + query)).text()).toBe(`portal ${query}`);
  });

  test.each([
    ["authorization", "Bearer tg_x"],
    ["x-api-key", "tg_x"],
    ["apikey", "tg_x"],
    ["x-gateway-secret", "secret"],
  ])("sends /models to the gateway if it has %s", async (name, value) => {
    http.open({ gateway, portal });
    const textOf = async (path: string, headers: Record<string, string>) =>
      (await fetch(url + path, { headers })).text();
    expect(await textOf("/models/gpt-5", { [name]: value })).toBe("gateway /models/gpt-5");
    expect(await textOf("/models", { authorization: "Basic dTpw" })).toBe("portal /models");
  });

  test("sends data-plane paths unchanged to the portal in development", async () => {
    http.open({ gateway: null, portal });
    expect(await (await fetch(`${url}/llm/v1/models`)).text()).toBe("portal /llm/v1/models");
  });
});

describe("a malformed request", () => {
  /** Writes bytes and reads until the connection ends. */
  async function converse(...pieces: string[]): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let received = "";
    socket.on("data", (bytes) => {
      received += bytes;
    });
    for (const piece of pieces) {
      socket.write(piece);
      await sleep(50);
    }
    if (!socket.closed) await once(socket, "close");
    return received;
  }

  test.each([
    ["not HTTP", "hello\r\n\r\n", 400],
    ["an invalid length", "POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400],
    [
      "an invalid body",
      "POST /v1/never HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nnot a length\r\n",
      400,
    ],
    ["headers that are too large", `GET /v1/x HTTP/1.1\r\nhost: x\r\na: ${"a".repeat(70_000)}\r\n\r\n`, 431],
  ])("gets the usual error body: %s", async (_, bytes, status) => {
    http.open({ gateway, portal });
    const received = await converse(bytes);
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(received).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/);
    expect(received).toContain("\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n");
    expect(JSON.parse(received.slice(received.indexOf("\r\n\r\n")))).toEqual({
      error: {
        message: expect.any(String),
        type: "invalid_request_error",
        param: null,
        code: "invalid_request",
      },
    });
  });

  test("gets an error on a connection that already served a response", async () => {
    http.open({ gateway, portal });
    const received = await converse("GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n", "hello\r\n\r\n");
    expect(received).toMatch(/gateway \/v1\/models[\s\S]*HTTP\/1.1 400 /);
  });

  test("does not write an error into an unfinished response", async () => {
    http.open({ gateway, portal });
    const received = await converse("GET /v1/stream HTTP/1.1\r\nhost: x\r\n\r\n", "hello\r\n\r\n");
    expect(received).toContain("first ");
    expect(received).not.toMatch(/400|invalid_request/);
  });
});

describe("a drain", () => {
  test("lets a stream finish, answers 503 meanwhile, and then closes", async () => {
    http.open({ gateway, portal });
    const streamed = await fetch(`${url}/v1/stream`);
    expect(http.inFlight()).toBe(1);
    const drained = drainRequests(http.server, http.inFlight, 10_000);

    const rejected = await fetch(`${url}/v1/models`);
    expect(rejected.status).toBe(503);
    expect(rejected.headers.get("connection")).toBe("close");
    expect((await fetch(`${url}/keys`)).status).toBe(503);
    expect((await fetch(`${url}/livez`)).status).toBe(200);

    finishStream();
    expect(await streamed.text()).toBe("first last");
    expect(await drained).toBe(0);
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  test("ends at once when nothing is in flight, even with idle connections", async () => {
    http.open({ gateway, portal });
    await (await fetch(`${url}/keys`)).text();
    const startedAt = performance.now();
    expect(await drainRequests(http.server, http.inFlight, 10_000)).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test("answers a client that has connected but not sent its request yet", async () => {
    http.open({ gateway, portal });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await once(socket, "connect");
    const drained = drainRequests(http.server, http.inFlight, 10_000);
    await sleep(50);
    socket.write("GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n");
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 503 /);
    await drained;
  });

  test("cuts off open requests at the time limit, and returns their number", async () => {
    http.open({ gateway, portal });
    const streamed = await fetch(`${url}/v1/stream`);
    expect(await drainRequests(http.server, http.inFlight, 50)).toBe(1);
    await expect(streamed.text()).rejects.toThrow();
  });
});

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
  test("asks to try again until it is opened", async () => {
    const answer = await fetch(`${url}/v1/models`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await answer.json()).toMatchObject({
      error: { code: "service_unavailable", type: "server_error" },
    });
  });

  test("sends the data plane and its aliases to the gateway, the rest to the portal", async () => {
    http.open({ gateway, portal });
    const textOf = async (path: string) => (await fetch(url + path)).text();
    expect(await textOf("/v1/models")).toBe("gateway /v1/models");
    expect(await textOf("/chat/completions")).toBe("gateway /v1/chat/completions");
    expect(await textOf("/llm/v1/chat/completions")).toBe("gateway /v1/chat/completions");
    expect(await textOf("/keys?page=2")).toBe("portal /keys?page=2");
  });

  test("leaves the data plane to the portal's mount in development, under the path that was asked", async () => {
    http.open({ gateway: null, portal });
    expect(await (await fetch(`${url}/llm/v1/models`)).text()).toBe("portal /llm/v1/models");
  });
});

describe("what never becomes a request", () => {
  /** Writes bytes, and hears all that comes until the connection ends. */
  async function converse(...pieces: string[]): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let heard = "";
    socket.on("data", (bytes) => {
      heard += bytes;
    });
    for (const piece of pieces) {
      socket.write(piece);
      await sleep(50);
    }
    if (!socket.closed) await once(socket, "close");
    return heard;
  }

  test.each([
    ["no HTTP at all", "hello\r\n\r\n", 400],
    ["a length that is none", "POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400],
    [
      "a body that is none",
      "POST /v1/never HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nnot a length\r\n",
      400,
    ],
    ["headers beyond measure", `GET /v1/x HTTP/1.1\r\nhost: x\r\na: ${"a".repeat(70_000)}\r\n\r\n`, 431],
  ])("is answered as every error: %s", async (_, bytes, status) => {
    http.open({ gateway, portal });
    const heard = await converse(bytes);
    expect(heard).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(heard).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/);
    expect(JSON.parse(heard.slice(heard.indexOf("\r\n\r\n")))).toEqual({
      error: {
        message: expect.any(String),
        type: "invalid_request_error",
        param: null,
        code: "invalid_request",
      },
    });
  });

  test("is answered on a connection that has had a whole answer", async () => {
    http.open({ gateway, portal });
    const heard = await converse("GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n", "hello\r\n\r\n");
    expect(heard).toMatch(/gateway \/v1\/models[\s\S]*HTTP\/1.1 400 /);
  });

  test("is not written into the answer before it", async () => {
    http.open({ gateway, portal });
    const heard = await converse("GET /v1/stream HTTP/1.1\r\nhost: x\r\n\r\n", "hello\r\n\r\n");
    expect(heard).toContain("first ");
    expect(heard).not.toMatch(/400|invalid_request/);
  });
});

describe("a drain", () => {
  test("lets a stream finish, answers 503 meanwhile, and then closes", async () => {
    http.open({ gateway, portal });
    const streamed = await fetch(`${url}/v1/stream`);
    expect(http.inFlight()).toBe(1);
    const drained = drainRequests(http.server, http.inFlight, 10_000);

    const refused = await fetch(`${url}/v1/models`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("connection")).toBe("close");
    expect((await fetch(`${url}/keys`)).status).toBe(503);
    expect((await fetch(`${url}/livez`)).status).toBe(200);

    finishStream();
    expect(await streamed.text()).toBe("first last");
    expect(await drained).toBe(0);
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  test("ends at once when nothing is in flight, whatever idle connections there are", async () => {
    http.open({ gateway, portal });
    await (await fetch(`${url}/keys`)).text();
    const startedAt = performance.now();
    expect(await drainRequests(http.server, http.inFlight, 10_000)).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test("answers who has connected and not asked yet", async () => {
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

  test("cuts off what is still open when the time is up, and says how much that was", async () => {
    http.open({ gateway, portal });
    const streamed = await fetch(`${url}/v1/stream`);
    expect(await drainRequests(http.server, http.inFlight, 50)).toBe(1);
    await expect(streamed.text()).rejects.toThrow();
  });
});

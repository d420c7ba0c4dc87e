import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHttpServer, type HttpServer } from "#lib/boot/server/http-server";
import { listen } from "#lib/boot/server/listen";
import { MOST_PAGE_BYTES, MOST_SIGN_IN_BYTES } from "#lib/http/portal-bodies";
import { proxyTo } from "./proxy";

let folder = "";
let http: HttpServer;
let portal: Server;
let close = () => {};
let url = "";
let port = 0;
/** How the portal answers; each test sets it. */
let answer = (_request: IncomingMessage, response: ServerResponse): unknown => response.end();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "portal-proxy-"));
  portal = createServer({ keepAliveTimeout: 0 }, (incoming, response) => answer(incoming, response));
  portal.listen(join(folder, "socket"));
  await once(portal, "listening");
  const proxy = proxyTo(join(folder, "socket"));
  close = proxy.close;
  http = createHttpServer();
  http.open({ gateway: null, portal: proxy.handle });
  port = await listen(http.server, 0, "127.0.0.1");
  url = `http://127.0.0.1:${port}`;
});
afterEach(() => {
  close();
  for (const server of [http.server, portal]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

/** Sends bytes and reads until the connection is closed. */
async function raw(text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  let said = "";
  socket.on("data", (data) => {
    said += data;
  });
  socket.write(text, "latin1");
  await once(socket, "close");
  return said;
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

describe("a request to the portal", () => {
  test("arrives as it was sent: method, path, the case of headers, body", async () => {
    let seen: unknown;
    answer = async (incoming, response) => {
      const { method, url: path, rawHeaders } = incoming;
      seen = { method, path, rawHeaders: rawHeaders.slice(0, 6), body: await bodyOf(incoming) };
      response.end();
    };
    await raw(
      "PATCH /a%20b?c=d&c HTTP/1.1\r\nHost: a.example\r\nX-Odd: \xe4\r\nX-ODD: 2\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
    );
    expect(seen).toEqual({
      method: "PATCH",
      path: "/a%20b?c=d&c",
      rawHeaders: ["Host", "a.example", "X-Odd", "\xe4", "X-ODD", "2"],
      body: "hi",
    });
  });

  test("arrives without hop-by-hop headers and without a forged peer header", async () => {
    let seen: IncomingMessage["headers"] = {};
    answer = (incoming, response) => {
      seen = incoming.headers;
      response.end();
    };
    await raw(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, x-kept\r\nX-Kept: 1\r\nKeep-Alive: timeout=9\r\nTE: trailers\r\nUpgrade: h2c\r\nProxy-Connection: close\r\nX-Tollgate-Peer: forged 192.0.2.1\r\n\r\n",
    );
    expect(seen).toEqual({
      host: "a",
      connection: "keep-alive",
      "x-kept": "1",
      "x-tollgate-peer": expect.stringMatching(/^\S{20,} 127\.0\.0\.1$/),
    });
  });

  test("is framed again, so that a client cannot smuggle a second request", async () => {
    const seen: unknown[] = [];
    answer = async (incoming, response) => {
      seen.push([incoming.url, await bodyOf(incoming)]);
      response.end();
    };
    const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    await raw(
      `GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close, content-length\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    );
    await raw(
      `GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close, transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    );
    expect(seen).toEqual([
      ["/1", smuggled],
      ["/2", smuggled],
    ]);
  });

  test("never throws, whatever its bytes", async () => {
    for (let byte = 1; byte < 256; byte++) {
      const odd = String.fromCharCode(byte);
      const said = await raw(`GET /${odd} HTTP/1.1\r\nHost: a\r\nX-Odd: ${odd}\r\nConnection: close\r\n\r\n`);
      expect(said).toMatch(/^HTTP\/1\.1 (200|400) /);
    }
    expect(await raw("GET / HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 (200|400) /);
  });

  test("gets 100 Continue once, and its body arrives", async () => {
    answer = async (incoming, response) => response.end(await bodyOf(incoming));
    const outgoing = request(url, { method: "POST", headers: { expect: "100-continue" } });
    outgoing.flushHeaders();
    await once(outgoing, "continue");
    outgoing.end("now");
    const [incoming] = await once(outgoing, "response");
    expect(await bodyOf(incoming)).toBe("now");
  });

  test("is sent only as fast as it is read", async () => {
    let read = () => {};
    answer = async (incoming, response) => {
      await new Promise<void>((resolve) => {
        read = resolve;
      });
      response.end(String((await bodyOf(incoming)).length));
    };
    const outgoing = request(`${url}/api/admin/v1/x`, { method: "POST" });
    const block = Buffer.alloc(1 << 20);
    let sent = 0;
    // A write waits until the socket accepts it, so one of them waits while nothing is read.
    const send = async (blocks: number) => {
      for (let count = 0; count < blocks; count++) {
        await new Promise((resolve) => outgoing.write(block, resolve));
        sent += 1;
      }
    };
    const sending = send(40);
    await sleep(500);
    expect(sent).toBeLessThan(40);
    read();
    await sending;
    outgoing.end();
    const [incoming] = await once(outgoing, "response");
    expect(await bodyOf(incoming)).toBe(String(40 * block.length));
  });
});

describe("a body that is larger than the portal takes", () => {
  /** Counts what arrives at the portal. */
  function counted() {
    const seen = { requests: 0, bytes: 0, whole: 0 };
    answer = (incoming, response) => {
      seen.requests += 1;
      incoming.on("data", (chunk: Buffer) => {
        seen.bytes += chunk.length;
      });
      incoming.once("end", () => {
        seen.whole += 1;
        response.end();
      });
      incoming.on("error", () => {});
    };
    return seen;
  }
  const tooLarge = { error: expect.objectContaining({ code: "request_too_large" }) };

  test.each([
    ["/keys", MOST_PAGE_BYTES],
    ["/sign-in", MOST_SIGN_IN_BYTES],
    ["/invite/tginv_x", MOST_SIGN_IN_BYTES],
    ["/forgot-password", MOST_SIGN_IN_BYTES],
    ["/reset-password/x", MOST_SIGN_IN_BYTES],
    ["/api/auth/callback/oidc?state=x", MOST_SIGN_IN_BYTES],
    ["/api/cron/retention", MOST_PAGE_BYTES],
  ])("is rejected by its declared length: %s", async (path, most) => {
    const seen = counted();
    const large = await fetch(url + path, { method: "POST", body: new Uint8Array(most + 1) });
    expect([large.status, await large.json()]).toEqual([413, tooLarge]);
    expect(seen.requests).toBe(0);
    const small = await fetch(url + path, { method: "POST", body: new Uint8Array(most) });
    expect([small.status, seen.bytes]).toEqual([200, most]);
  });

  test("is rejected as it arrives if it declares no length, and never reaches the portal whole", async () => {
    const seen = counted();
    const body = new ReadableStream({
      start: (controller) => {
        for (let part = 0; part < 128; part++) controller.enqueue(Buffer.alloc(65_536, "[],"));
        controller.close();
      },
    });
    const init = { method: "POST", body, duplex: "half" };
    const large = await fetch(`${url}/keys`, init);
    expect([large.status, await large.json()]).toEqual([413, tooLarge]);
    expect(seen.bytes).toBeLessThan(1 << 20);
    expect(seen.whole).toBe(0);
    await expectNextAnswer();
  });

  test("reaches the Admin API, which judges the role first", async () => {
    const seen = counted();
    await fetch(`${url}/api/admin/v1/users`, { method: "POST", body: new Uint8Array(8 << 20) });
    expect(seen).toEqual({ requests: 1, bytes: 8 << 20, whole: 1 });
  });
});

/** Expects that the portal answers another request. */
async function expectNextAnswer(): Promise<void> {
  answer = (_incoming, response) => response.end("next");
  expect(await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text()).toBe("next");
}

describe("the portal's response", () => {
  test("comes back unchanged: status, reason, cookies, location", async () => {
    answer = (_incoming, response) => {
      response.writeHead(307, "Go There", [
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        ["Location", "/x"],
      ]);
      response.end("moved");
    };
    const said = await raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(said).toMatch(
      /^HTTP\/1\.1 307 Go There\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nLocation: \/x\r\n/,
    );
    expect(said.match(/^date:/gim)).toHaveLength(1);
    expect(said.match(/^connection: close/gim)).toHaveLength(1);
    expect(said.match(/^connection:/gim)).toHaveLength(1);
    expect(said).not.toMatch(/^keep-alive:/im);
    expect(said).toMatch(/moved/);
  });

  test("streams", async () => {
    let go = () => {};
    answer = (_incoming, response) => {
      response.flushHeaders();
      go = () => response.write("one");
    };
    const streamed = await fetch(url);
    const reader = streamed.body?.getReader();
    go();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("one");
    await reader?.cancel();
  });

  test("has no body for HEAD, 204 and 304", async () => {
    answer = (incoming, response) => {
      const code = Number(incoming.url?.slice(1));
      response.writeHead(code, code === 200 ? { "content-length": 5 } : {}).end(code === 200 ? "hello" : "");
    };
    const head = await fetch(`${url}/200`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "5", ""]);
    for (const code of [204, 304]) {
      const said = await raw(`GET /${code} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect(said).toMatch(new RegExp(`^HTTP/1\\.1 ${code} `));
      expect(said).not.toMatch(/transfer-encoding/i);
      expect(said.endsWith("\r\n\r\n")).toBe(true);
    }
  });

  test("stops when the client disconnects", async () => {
    let stopped: Promise<unknown> = Promise.resolve();
    answer = (_incoming, response) => {
      stopped = once(response, "close");
      response.write("first");
    };
    const leaving = new AbortController();
    await fetch(url, { signal: leaving.signal });
    leaving.abort();
    await stopped;
  });

  test("does not look complete when it breaks off", async () => {
    answer = (_incoming, response) => {
      response.writeHead(200).write("half");
      setTimeout(() => response.destroy(), 50);
    };
    const broken = await fetch(url);
    await expect(broken.text()).rejects.toThrow();
  });

  test.each([
    ["is read", () => {}],
    ["is read to its end", (incoming: IncomingMessage) => incoming.on("data", () => incoming.pause())],
  ])("may come before the body %s, and the connection stays usable", async (_, begin) => {
    answer = (incoming, response) => {
      begin(incoming);
      response.writeHead(413).end("too large");
    };
    const early = await fetch(`${url}/api/admin/v1/x`, { method: "POST", body: new Uint8Array(1 << 20) });
    expect([early.status, await early.text()]).toEqual([413, "too large"]);
    await expectNextAnswer();
  });

  test("reuses the connection", async () => {
    let connections = 0;
    portal.on("connection", () => {
      connections += 1;
    });
    answer = (_incoming, response) => response.end("x");
    for (let times = 0; times < 20; times++) await (await fetch(url)).text();
    expect(connections).toBe(1);
  });
});

test("is 503 when nothing listens, or when the portal ends without a response", async () => {
  answer = (incoming) => incoming.socket.destroy();
  const gone = await fetch(url, { method: "POST", body: "x" });
  expect([gone.status, gone.headers.get("retry-after")]).toEqual([503, "1"]);
  portal.closeAllConnections();
  await new Promise((resolve) => portal.close(resolve));
  const away = await fetch(url);
  expect(away.status).toBe(503);
  expect(await away.json()).toMatchObject({ error: { code: "service_unavailable" } });
});

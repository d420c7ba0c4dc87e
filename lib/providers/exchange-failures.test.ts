import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startFullBacklog } from "#lib/testing/full-backlog";
import { stopwatch } from "#lib/testing/promptness";
import {
  callTo,
  cleanUp,
  connections,
  failure,
  portOf,
  send,
  serve,
  serveEmptyAnswers,
  wholeOf,
} from "./testing/exchange-harness";
import { UpstreamTimeout, UpstreamUnreachable } from "./upstream-error";

const NOT_ALLOWED = { dispatched: false, message: expect.stringContaining("ADDRESS_NOT_ALLOWED") };

describe("a provider that fails", () => {
  test("by refusing connections is unreachable, and nothing was sent", async () => {
    const error = await failure(send(callTo("http://127.0.0.1:1/v1")));
    expect(error).toBeInstanceOf(UpstreamUnreachable);
    expect(error).toMatchObject({ dispatched: false, message: expect.stringContaining("ECONNREFUSED") });
  });

  test("by having no address is unreachable, and nothing was sent", async () => {
    const error = await failure(send(callTo("http://no-such-host.invalid/v1")));
    expect(error).toBeInstanceOf(UpstreamUnreachable);
    expect(error).toMatchObject({ dispatched: false });
  });

  test("by having no URL, or a key that a header cannot carry, is unreachable", async () => {
    expect(await failure(send(callTo("")))).toMatchObject({ name: "UpstreamUnreachable", dispatched: false });
    const call = callTo("http://127.0.0.1:1/v1");
    const error = await failure(
      send({ ...call, target: { ...call.target, authHeaders: ["authorization", "Bearer sk-secret\n"] } }),
    );
    expect(error).toMatchObject({ name: "UpstreamUnreachable", dispatched: false });
    expect(String(error)).not.toContain("secret");
  });

  test("by never completing a connection has timed out, and nothing was sent", async () => {
    const silent = createTcpServer(() => {}).listen(0, "127.0.0.1");
    cleanUp(() => silent.close());
    await once(silent, "listening");
    const url = `https://127.0.0.1:${portOf(silent)}/v1`;
    const byDeadline = await failure(send(callTo(url, { timeoutMs: 100 })));
    const byConnecting = await failure(send(callTo(url), connections({ connectTimeoutMs: 100 })));
    for (const error of [byDeadline, byConnecting]) {
      expect(error).toBeInstanceOf(UpstreamTimeout);
      expect(error).toMatchObject({ dispatched: false });
    }
  });

  test("by accepting no connection has timed out as soon as its target says, and nothing was sent", async () => {
    const { origin, close } = await startFullBacklog();
    cleanUp(close);
    const error = await failure(send(callTo(`${origin}/v1`, { connectTimeoutMs: 100, timeoutMs: 60_000 })));
    expect(error).toBeInstanceOf(UpstreamTimeout);
    expect(error).toMatchObject({
      dispatched: false,
      message: "The provider did not accept a connection in time",
    });
  });

  test("by accepting a connection while this process was busy is no failure", async () => {
    const { url } = await serveEmptyAnswers();
    const answer = send(callTo(url, { connectTimeoutMs: 100 }));
    const busyUntilMs = performance.now() + 300;
    while (performance.now() < busyUntilMs);
    expect(await wholeOf(await answer)).toEqual({ status: 200, said: "{}" });
  });

  test("by taking longer than that to answer is waited for, once it has accepted the connection", async () => {
    const url = await serve((_request, response) => setTimeout(() => response.end("{}"), 700));
    const answer = await send(callTo(url, { connectTimeoutMs: 500 }));
    expect(await wholeOf(answer)).toEqual({ status: 200, said: "{}" });
  });

  test("by never answering has timed out after the request was sent", async () => {
    const url = await serve(() => {});
    const took = stopwatch();
    const error = await failure(send(callTo(url, { timeoutMs: 150 })));
    expect(error).toBeInstanceOf(UpstreamTimeout);
    expect(error).toMatchObject({ dispatched: true });
    expect(took()).toBeLessThan(1000);
  });

  test("by hanging up without an answer is unreachable after the request was sent", async () => {
    const url = await serve((request) => request.socket.destroy());
    const error = await failure(send(callTo(url)));
    expect(error).toBeInstanceOf(UpstreamUnreachable);
    expect(error).toMatchObject({ dispatched: true });
  });

  test("by not answering with HTTP is unreachable after the request was sent", async () => {
    const server = createTcpServer((socket) => void socket.end("garbage\r\n\r\n")).listen(0, "127.0.0.1");
    cleanUp(() => server.close());
    await once(server, "listening");
    const error = await failure(send(callTo(`http://127.0.0.1:${portOf(server)}/v1`)));
    expect(error).toBeInstanceOf(UpstreamUnreachable);
  });

  test("by stopping in the middle of its answer ends the body with a timeout", async () => {
    const url = await serve((_request, response) => void response.write("one"));
    const answer = await send(callTo(url, { timeoutMs: 200 }));
    const error = await failure(text(answer.body.chunks()));
    expect(error).toBeInstanceOf(UpstreamTimeout);
    expect(error).toMatchObject({ dispatched: true });
  });

  test("by hanging up in the middle of its answer ends the body with an error", async () => {
    const url = await serve((request, response) => {
      response.write("one");
      setTimeout(() => request.socket.destroy(), 20);
    });
    const answer = await send(callTo(url));
    const error = await failure(text(answer.body.chunks()));
    expect(error).toBeInstanceOf(UpstreamUnreachable);
    expect(error).toMatchObject({ dispatched: true });
  });

  test.each([
    ["in chunks, without the last", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"],
    ["shorter than its length", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}"],
  ])("by ending its answer early is not taken for whole: %s", async (_, answered) => {
    const server = createTcpServer((socket) => {
      socket.once("data", () => socket.end(answered));
    }).listen(0, "127.0.0.1");
    cleanUp(() => server.close());
    await once(server, "listening");
    const answer = await send(callTo(`http://127.0.0.1:${portOf(server)}/v1`));
    expect(await failure(answer.body.whole(1024))).toBeInstanceOf(UpstreamUnreachable);
  });

  test("while its body is not read causes no uncaught error", async () => {
    const url = await serve((request, response) => {
      response.write("one");
      setTimeout(() => request.socket.destroy(), 5);
    });
    const answer = await send(callTo(url));
    await sleep(50);
    expect(await failure(answer.body.whole(1024))).toBeInstanceOf(UpstreamUnreachable);
  });
});

describe("a forbidden address", () => {
  test.each([
    "http://169.254.169.254/v1",
    "http://[fd00:ec2::254]/v1",
    "http://[::ffff:169.254.169.254]/v1",
    "http://2852039166/v1",
  ])("is never connected to: %s", async (url) => {
    const error = await failure(send(callTo(url)));
    expect(error).toBeInstanceOf(UpstreamUnreachable);
    expect(error).toMatchObject(NOT_ALLOWED);
  });

  test("includes private ones if they are blocked, by number and by name", async () => {
    const { url, requests } = await serveEmptyAnswers();
    for (const form of [url, url.replace("127.0.0.1", "localhost")]) {
      const error = await failure(send(callTo(form), connections({ blockPrivate: true })));
      expect(error).toMatchObject(NOT_ALLOWED);
    }
    expect(requests()).toBe(0);
  });
});

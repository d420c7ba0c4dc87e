import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { listen } from "#lib/testing/listening";
import { stopwatch } from "#lib/testing/promptness";
import { newCancellation } from "./cancellation";
import { callTo, connections, failure, send, serve } from "./testing/exchange-harness";
import type { Connections } from "./upstream-agent";
import { CallCancelled, UpstreamTimeout, UpstreamUnreachable } from "./upstream-error";
import { notWritten, wasClosedIdle } from "./written-connection";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A provider that answers its first request, and the others in turn. Notes each one's port. */
async function provider(...others: Answer[]) {
  const ports: (number | undefined)[] = [];
  const url = await serve((request, response) => {
    const answer = ports.length === 0 ? undefined : (others[ports.length - 1] ?? others.at(-1));
    ports.push(request.socket.remotePort);
    request.resume().once("end", () => (answer ?? answers)(request, response));
  });
  return { url, over: await idleConnection(url), ports };
}

/** Connections of which one to the provider is idle. */
async function idleConnection(url: string): Promise<Connections> {
  const over = connections();
  await (await send(callTo(url), over)).body.whole(1024);
  // undici checks a socket that has just become idle before it reuses it.
  await sleep(20);
  return over;
}

const answers: Answer = (_request, response) => void response.end("{}");
const closes: Answer = ({ socket }) => void socket.destroy();
const resets: Answer = ({ socket }) => void socket.resetAndDestroy();
const answersHalf: Answer = ({ socket }) => {
  socket.write("HTTP/1.1 2", () => socket.destroy());
};
const isSilent: Answer = () => {};

describe("a request over a kept-alive connection that dies before a byte of the answer", () => {
  test.each([
    ["closed", closes],
    ["reset", resets],
  ])("is sent once more over a fresh one: %s", async (_, dies) => {
    const { url, over, ports } = await provider(dies, answers);
    const answer = await send(callTo(url, { body: '{"a":1}' }), over);
    expect(String(await answer.body.whole(1024))).toBe("{}");
    expect(ports).toEqual([ports[0], ports[0], expect.any(Number)]);
    expect(ports[2]).not.toBe(ports[0]);
  });

  test("is sent no third time", async () => {
    const { url, over, ports } = await provider(closes);
    const error = await failure(send(callTo(url), over));
    expect(error).toBeInstanceOf(UpstreamUnreachable);
    // The second connection was fresh, so the provider may have read the request.
    expect(error).toMatchObject({ dispatched: true });
    expect(ports.length).toBe(3);
  });

  test("keeps its deadline", async () => {
    const { url, over } = await provider(closes, isSilent);
    const took = stopwatch();
    const error = await failure(send(callTo(url, { timeoutMs: 200 }), over));
    expect(error).toBeInstanceOf(UpstreamTimeout);
    expect(error).toMatchObject({ dispatched: true });
    expect(took()).toBeLessThan(1_000);
  });

  test("can be cancelled the second time", async () => {
    const { url, over, ports } = await provider(closes, isSilent);
    const cancellation = newCancellation();
    const error = failure(send(callTo(url, { cancellation }), over));
    await expect.poll(() => ports.length).toBe(3);
    cancellation.cancel();
    expect(await error).toBeInstanceOf(CallCancelled);
  });
});

describe("a request is sent only once", () => {
  test("over a connection that dies within the answer's head", async () => {
    const { url, over, ports } = await provider(answersHalf, answers);
    const error = await failure(send(callTo(url), over));
    expect(error).toMatchObject({ name: "UpstreamUnreachable", dispatched: true });
    expect(ports.length).toBe(2);
  });

  test("over a fresh connection", async () => {
    let requests = 0;
    const url = await serve(({ socket }) => {
      requests++;
      socket.destroy();
    });
    expect(await failure(send(callTo(url)))).toMatchObject({ dispatched: true });
    expect(requests).toBe(1);
  });

  test("if the provider only takes too long", async () => {
    const { url, over, ports } = await provider(isSilent);
    expect(await failure(send(callTo(url, { timeoutMs: 100 }), over))).toBeInstanceOf(UpstreamTimeout);
    expect(ports.length).toBe(2);
  });
});

test("a connection that breaks long after the request was written was not idle", async () => {
  const socket = new Socket();
  const written = { socket, bytesBefore: 5, atMs: 1_000 };
  vi.spyOn(socket, "bytesRead", "get").mockReturnValue(5);
  expect(wasClosedIdle(written, 10_999)).toBe(true);
  expect(wasClosedIdle(written, 11_000)).toBe(false);
  expect(wasClosedIdle({ ...written, bytesBefore: 4 }, 1_000)).toBe(false);
  expect(wasClosedIdle(notWritten(), 1_000)).toBe(false);
});

test("a request that cannot be sent again was not dispatched", async () => {
  let requests = 0;
  const server = createServer(({ socket }, response) => {
    requests++;
    if (requests === 1) response.end("{}");
    else {
      server.close();
      socket.destroy();
    }
  });
  const url = `http://127.0.0.1:${await listen(server)}/v1`;
  const over = await idleConnection(url);
  expect(await failure(send(callTo(url), over))).toMatchObject({ dispatched: false });
  expect(requests).toBe(2);
});

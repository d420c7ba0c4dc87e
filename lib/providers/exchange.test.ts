import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { newCancellation } from "./cancellation";
import {
  callTo,
  connections,
  failure,
  send,
  serve,
  serveEmptyAnswers,
  serveFirstChunk,
  signalled,
} from "./testing/exchange-harness";
import { CallCancelled } from "./upstream-error";

describe("a request", () => {
  test("carries the body and only our own headers", async () => {
    let seen: IncomingMessage | undefined;
    let sent = "";
    const url = await serve(async (request, response) => {
      seen = request;
      sent = await text(request);
      response.end("{}");
    });
    const body = '{"model": "gpt-test", "seed": 12345678901234567890, "messages": [{"content": "häß 🚀"}]}';
    const answer = await send(callTo(url, { body }));
    await text(answer.body.chunks());
    expect(seen?.method).toBe("POST");
    expect(seen?.url).toBe("/v1/chat/completions");
    expect(sent).toBe(body);
    expect(seen?.headers).toEqual({
      host: new URL(url).host,
      connection: "keep-alive",
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(sent)),
      accept: "application/json, text/event-stream",
      "accept-encoding": "identity",
      "user-agent": "tollgate/0.1.0",
      "x-request-id": "request-1",
      authorization: "Bearer sk-secret",
    });
  });

  test("carries no credentials for a provider without any", async () => {
    let authorization: string | undefined = "unseen";
    const url = await serve((request, response) => {
      authorization = request.headers.authorization;
      response.end("{}");
    });
    const call = callTo(url);
    await send({ ...call, target: { ...call.target, authHeaders: [] } });
    expect(authorization).toBeUndefined();
  });

  test("reuses a connection", async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("{}");
    });
    const over = connections();
    for (let i = 0; i < 8; i++) await text((await send(callTo(url), over)).body.chunks());
    // Not one: undici checks a socket that has just become idle before it reuses it.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe("an answer", () => {
  test("is returned as it is, even an error or a redirect", async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests++;
      response.writeHead(307, { location: "/v1/elsewhere", "x-own": "yes" });
      response.end('{"error":{}}');
    });
    const answer = await send(callTo(url));
    expect(answer.status).toBe(307);
    expect(answer.headers).toMatchObject({ location: "/v1/elsewhere", "x-own": "yes" });
    expect(await text(answer.body.chunks())).toBe('{"error":{}}');
    expect(requests).toBe(1);
  });

  test("streams as the provider sends", async () => {
    const responses: ServerResponse[] = [];
    const url = await serve((_request, response) => {
      responses.push(response);
      response.write("one");
    });
    const answer = await send(callTo(url));
    const chunks = answer.body.chunks();
    expect(String((await chunks.next()).value)).toBe("one");
    responses[0]?.end("two");
    expect(String((await chunks.next()).value)).toBe("two");
    expect((await chunks.next()).done).toBe(true);
  });

  test("waits for a slow reader and arrives complete", async () => {
    const size = 32 * 1024 * 1024;
    let sent = false;
    const url = await serve((_request, response) => {
      response.end(Buffer.alloc(size, "x"), () => {
        sent = true;
      });
    });
    const answer = await send(callTo(url));
    await sleep(100);
    expect(sent).toBe(false);
    let received = 0;
    for await (const chunk of answer.body.chunks()) {
      received += chunk.length;
      if (received % 70 === 0) await sleep(1);
    }
    expect(received).toBe(size);
  });

  test("is closed at the provider when its body is cut", async () => {
    const { url, closed } = await serveFirstChunk();
    const answer = await send(callTo(url));
    answer.body.cut();
    await closed;
  });
});

describe("a cancelled call", () => {
  test("sends nothing if it was cancelled before", async () => {
    const { url, requests } = await serveEmptyAnswers();
    const cancellation = newCancellation();
    cancellation.cancel();
    expect(await failure(send(callTo(url, { cancellation })))).toMatchObject({
      name: "CallCancelled",
      dispatched: false,
    });
    await sleep(20);
    expect(requests()).toBe(0);
  });

  test("closes the request at the provider before the answer", async () => {
    const arrived = signalled();
    const closed = signalled();
    const url = await serve((request) => {
      arrived.resolve();
      request.socket.on("close", () => closed.resolve());
    });
    const cancellation = newCancellation();
    const answer = failure(send(callTo(url, { cancellation })));
    await arrived.promise;
    cancellation.cancel();
    expect(await answer).toMatchObject({ name: "CallCancelled", dispatched: true });
    await closed.promise;
  });

  test("leaves a started answer to the caller, who can cut its body", async () => {
    const { url, closed } = await serveFirstChunk();
    const cancellation = newCancellation();
    const answer = await send(callTo(url, { cancellation }));
    cancellation.cancel();
    const chunks = answer.body.chunks();
    expect(String((await chunks.next()).value)).toBe("one");
    answer.body.cut();
    expect(await failure(chunks.next())).toBeInstanceOf(CallCancelled);
    await closed;
  });
});

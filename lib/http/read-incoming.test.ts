import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { ApiError } from "./api-error";
import type { BodyTimeouts } from "./body-timeouts";
import { readWebBody } from "./read-body";
import { hasArrived, readIncoming } from "./read-incoming";

type Read = (incoming: IncomingMessage, maxBytes: number, timeouts: BodyTimeouts) => Promise<Buffer>;

/** A request as the two mounts get it: from Node, or from the Web with Node's body as a stream. */
const mounts: [string, Read][] = [
  ["a Node", readIncoming],
  [
    "a Web",
    (incoming, maxBytes, timeouts) => {
      const headers = new Headers();
      const length = incoming.headers["content-length"];
      if (length !== undefined) headers.set("content-length", length);
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          incoming.on("data", (chunk: Buffer) => controller.enqueue(new Uint8Array(chunk)));
          incoming.on("end", () => controller.close());
          incoming.on("error", (error) => controller.error(error));
        },
        cancel: () => {
          incoming.removeAllListeners("data");
          incoming.removeAllListeners("end");
        },
      });
      const init = { method: "POST", headers, body, duplex: "half" };
      return readWebBody(new Request("http://x", init), maxBytes, timeouts);
    },
  ],
];

const SHORT: BodyTimeouts = { pauseMs: 200, totalMs: 800 };
const LONG: BodyTimeouts = { pauseMs: 10_000, totalMs: 10_000 };
const MAX = 400_000;
let server: Server | undefined;
let socket: Socket | undefined;

afterEach(() => {
  socket?.destroy();
  server?.closeAllConnections();
  server?.close();
});

/** Sends a head and whatever `send` writes; returns the body or the error. */
async function received(
  read: Read,
  head: string,
  send: (socket: Socket) => Promise<void>,
  timeouts: BodyTimeouts = LONG,
) {
  let settle: (outcome: Buffer | ApiError) => void = () => {};
  const outcome = new Promise<Buffer | ApiError>((resolve) => {
    settle = resolve;
  });
  const listening = createServer((incoming, outgoing) => {
    incoming.on("error", () => {});
    read(incoming, MAX, timeouts)
      .then(settle, settle)
      .finally(() => outgoing.end());
  });
  const client = await connectedTo(listening);
  client.write(`POST / HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`);
  const sending = send(client).catch(() => {});
  const result = await outcome;
  client.destroy();
  await sending;
  return result;
}

async function connectedTo(listening: Server): Promise<Socket> {
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const client = connect(portOf(listening), "127.0.0.1");
  client.on("error", () => {});
  socket = client;
  return client;
}

function portOf(listening: Server): number {
  const address = listening.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const CHUNKED = "transfer-encoding: chunked";

describe.each(mounts)("the body of %s request", (_, read) => {
  test.each([
    ["whole", "content-length: 5", async (client: Socket) => void client.write("Hello")],
    [
      "in pieces",
      "content-length: 5",
      async (client: Socket) => {
        client.write("He");
        await sleep(20);
        client.write("llo");
      },
    ],
    [
      "in chunks",
      CHUNKED,
      async (client: Socket) => {
        client.write(chunk("Hel"));
        await sleep(20);
        client.write(`${chunk("lo")}0\r\n\r\n`);
      },
    ],
  ])("is read %s", async (_, head, send) => {
    expect(String(await received(read, head, send))).toBe("Hello");
  });

  test("is complete when it arrives a byte at a time", async () => {
    const text = "0123456789".repeat(500);
    const pieces = [...text].map(chunk).join("");
    const body = await received(read, CHUNKED, async (client) => void client.write(`${pieces}0\r\n\r\n`));
    expect(String(body) === text).toBe(true);
  });

  test.each([
    ["never comes", "content-length: 5", async () => {}],
    ["stops in its middle", "content-length: 300000", async (client: Socket) => void client.write("He")],
    ["stops between its chunks", CHUNKED, async (client: Socket) => void client.write(chunk("Hel"))],
  ])("that %s times out", async (_, head, send) => {
    const startedMs = performance.now();
    const error = await received(read, head, send, SHORT);
    expect(error).toMatchObject({ status: 408, code: "request_timeout" });
    expect(performance.now() - startedMs).toBeLessThan(8_000);
  });

  test("that trickles times out in all", async () => {
    const startedMs = performance.now();
    const error = await received(
      read,
      CHUNKED,
      async (client) => {
        while (!client.destroyed) {
          client.write(chunk("x"));
          await sleep(20);
        }
      },
      SHORT,
    );
    expect(error).toMatchObject({ status: 408, code: "request_timeout" });
    expect(error).toHaveProperty("headers.connection", "close");
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(700);
    expect(tookMs).toBeLessThan(8_000);
  });

  test.each([
    ["claims to be too large", `content-length: ${MAX + 1}`, async () => {}],
    [
      "becomes too large",
      CHUNKED,
      async (client: Socket) => {
        for (let sent = 0; sent <= MAX && !client.destroyed; sent += 10_000) {
          client.write(chunk("x".repeat(10_000)));
          await sleep(1);
        }
      },
    ],
  ])("that %s is rejected while it is read", async (_, head, send) => {
    expect(await received(read, head, send)).toMatchObject({ status: 413, code: "request_too_large" });
  });

  test("that is incomplete is rejected", async () => {
    const error = await received(read, "content-length: 300000", async (client) => {
      client.write("Hel");
      await sleep(20);
      client.destroy();
    });
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 400, code: "invalid_request" });
  });
});

describe("a body that has arrived before it is read", () => {
  const LARGE = 70_000;

  /** Sends what `pieces` has with a pause after each; `read` gets each request 50 ms after its head. */
  async function readLate(pieces: readonly string[], read: (incoming: IncomingMessage) => Promise<unknown>) {
    const seen: unknown[] = [];
    const listening = createServer(async (incoming, outgoing) => {
      incoming.on("error", () => {});
      await sleep(50);
      seen.push(hasArrived(incoming), await read(incoming).catch((error: unknown) => error));
      outgoing.end("read");
    });
    const client = await connectedTo(listening);
    let heard = "";
    client.on("data", (bytes) => {
      heard += bytes;
    });
    for (const piece of pieces) {
      client.write(piece);
      await sleep(150);
    }
    await expect.poll(() => heard.split("read").length - 1).toBe(seen.length / 2);
    return seen;
  }
  const text = async (incoming: IncomingMessage) => String(await readIncoming(incoming, MAX, LONG));
  const post = (head: string, body: string) => `POST / HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n${body}`;

  test("is taken as a whole, also by the next request of its connection", async () => {
    const pieces = [
      post("content-length: 5", "Hello"),
      post(CHUNKED, `${chunk("Hel")}${chunk("lo")}0\r\n\r\n`),
      post("content-length: 0", ""),
      post("content-length: 5", "Again"),
    ];
    expect(await readLate(pieces, text)).toEqual([true, "Hello", true, "Hello", true, "", true, "Again"]);
  });

  test("is awaited while a part is missing", async () => {
    expect(await readLate([post("content-length: 5", "He"), "llo"], text)).toEqual([false, "Hello"]);
    expect(await readLate([post(CHUNKED, chunk("Hello")), "0\r\n\r\n"], text)).toEqual([false, "Hello"]);
  });

  test("is read in turns if it is large", async () => {
    const body = "x".repeat(LARGE);
    expect(await readLate([post(`content-length: ${LARGE}`, body)], text)).toEqual([false, body]);
  });

  test("is counted, and rejected by what counts it or for its size", async () => {
    const counted: number[] = [];
    const counting = (incoming: IncomingMessage) =>
      readIncoming(incoming, MAX, LONG, (bytes) => void counted.push(bytes));
    await readLate([post("content-length: 5", "Hello")], counting);
    expect(counted).toEqual([5]);
    const small = (incoming: IncomingMessage) => readIncoming(incoming, 4, LONG);
    const [, error] = await readLate([post("content-length: 5", "Hello")], small);
    expect(error).toMatchObject({ code: "request_too_large" });
  });
});

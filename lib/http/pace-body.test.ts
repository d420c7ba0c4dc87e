import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { closeServer, listen } from "#lib/testing/listening";
import { bodyPace } from "./pace-body";
import { readIncoming } from "./read-incoming";

const KB = 1024;
const BODY_BYTES = 8_192 * KB;
let close = async () => {};
afterEach(() => close());

/** Reads a body that has already arrived in part, and returns the bytes that each turn of the event loop brought. */
async function bytesOfTurns(
  read: (incoming: IncomingMessage, count: (bytes: number) => void) => Promise<unknown>,
): Promise<number[]> {
  const turns: number[] = [];
  let ofTurn = 0;
  const done = new Promise<void>((resolve, reject) => {
    const server = createServer(async (incoming, outgoing) => {
      // Meanwhile the kernel takes megabytes.
      await sleep(100);
      let isReading = true;
      const nextTurn = () => {
        turns.push(ofTurn);
        ofTurn = 0;
        if (isReading) setImmediate(nextTurn);
      };
      setImmediate(nextTurn);
      const count = (bytes: number) => {
        ofTurn += bytes;
      };
      await read(incoming, count).then(() => resolve(), reject);
      isReading = false;
      outgoing.end();
    });
    void listen(server).then((port) => {
      const client = connect(port, "127.0.0.1");
      client.on("error", () => {});
      client.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY_BYTES}\r\n\r\n`);
      client.write(Buffer.alloc(BODY_BYTES, " "));
      close = async () => {
        client.destroy();
        await closeServer(server);
      };
    });
  });
  await done;
  return [...turns, ofTurn];
}

test.each<[what: string, read: Parameters<typeof bytesOfTurns>[0]]>([
  ["read", (incoming, count) => readIncoming(incoming, BODY_BYTES, undefined, count)],
  [
    "discarded",
    (incoming, count) => {
      incoming.on("data", bodyPace(incoming));
      incoming.on("data", (chunk) => count(chunk.byteLength));
      return new Promise((resolve) => incoming.once("end", () => resolve(null)));
    },
  ],
])("a large body is %s in small parts, so that others have their turn in between", async (_, read) => {
  const turns = await bytesOfTurns(read);
  expect(turns.reduce((sum, bytes) => sum + bytes, 0)).toBe(BODY_BYTES);
  expect(Math.max(...turns)).toBeLessThanOrEqual(256 * KB);
});

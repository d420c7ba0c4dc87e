import { createServer, request, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { closeServer, listen } from "#lib/testing/listening";
import { answerUpgrades } from "./upgrades";

answerUpgrades((url) => url.startsWith("/v1/"));

let server: Server;
afterEach(() => closeServer(server));

/** What a client gets that asks for a WebSocket: a status, or the code of an error. */
async function upgrade(path: string): Promise<number | string | undefined> {
  const port = await listen(server, 0);
  return new Promise((resolve) => {
    const headers = { connection: "Upgrade", upgrade: "websocket" };
    const sent = request({ port, path, headers }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode));
    });
    sent.on("upgrade", (_, socket) => {
      socket.destroy();
      resolve("upgraded");
    });
    sent.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    sent.end();
  });
}

const answers426 = () => createServer((_, response) => response.writeHead(426).end("no"));

test("an upgrade is answered as an ordinary request, though a listener would hang up", async () => {
  server = answers426();
  server.on("upgrade", (_, socket) => socket.destroy());
  expect(await upgrade("/v1/responses")).toBe(426);
});

test("others stay with the listener", async () => {
  server = answers426();
  server.on("upgrade", (_, socket) => socket.destroy());
  expect(await upgrade("/_next/webpack-hmr")).toBe("ECONNRESET");
});

test("a server without a listener needs no help", async () => {
  server = answers426();
  expect(await upgrade("/v1/responses")).toBe(426);
});

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";

vi.mock("#lib/http/body-timeouts", async (original) => ({
  ...(await original<typeof import("#lib/http/body-timeouts")>()),
  BODY_TIMEOUTS: { pauseMs: 200, totalMs: 800 },
}));

const gate = await testGateway({ models: [{ name: "instant" }] });

/** Sends a head and then `pieces`, with a pause before each; answers all that comes until the connection ends. */
function converse(head: string, pieces: string[], pauseMs: number): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(gate.url);
    const socket = connect(Number(port), hostname);
    let heard = "";
    socket.on("data", (bytes) => {
      heard += bytes;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(heard));
    const lines = [
      "POST /v1/chat/completions HTTP/1.1",
      "host: x",
      `authorization: Bearer ${gate.seeded.apiKey}`,
      "content-type: application/json",
      head,
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    void (async () => {
      for (const piece of pieces) {
        await sleep(pauseMs);
        if (socket.destroyed) return;
        socket.write(piece);
      }
    })();
  });
}

test.each([
  ["that never comes", "content-length: 100", [], 0],
  ["that stops", "content-length: 100", ['{"model"'], 20],
  ["that trickles", "transfer-encoding: chunked", Array.from({ length: 200 }, () => "1\r\n \r\n"), 50],
])("a body %s is answered 408 and its connection ends; nothing is held", async (_, head, pieces, pauseMs) => {
  const startedMs = performance.now();
  const heard = await converse(head, pieces, pauseMs);
  expect(performance.now() - startedMs).toBeLessThan(8_000);
  expect(heard).toMatch(/^HTTP\/1\.1 408 /);
  expect(heard).toMatch(/\r\nconnection: close\r\n/i);
  expect(JSON.parse(heard.slice(heard.indexOf("\r\n\r\n")).trim())).toEqual({
    error: {
      message: expect.stringContaining("too long to arrive"),
      type: "invalid_request_error",
      param: null,
      code: "request_timeout",
    },
  });
  expect(await gate.sql`SELECT 1 FROM ledger`).toEqual([]);
});

test("serves a body that is slow but within the limit", async () => {
  const body = JSON.stringify({ model: "instant", messages: [{ role: "user", content: "Hello!" }] });
  const half = Math.floor(body.length / 2);
  const head = `content-length: ${body.length}\r\nconnection: close`;
  const heard = await converse(head, [body.slice(0, half), body.slice(half)], 100);
  expect(heard).toMatch(/^HTTP\/1\.1 200 /);
});

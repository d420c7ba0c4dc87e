import { PassThrough } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { furtherAnswers } from "#lib/dialects/events/further-answers";
import { pushBytes, streamMeter } from "#lib/dialects/events/stream-meter";
import { DIALECTS } from "#lib/dialects/registry";
import { bodyOf } from "#lib/providers/upstream-body";
import { readBeyondEnd, silentMsFor } from "./read-beyond-end";

const FIRST =
  'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\n';

/** A stream that has ended, and its server. */
function ended(goesOn = true) {
  const [dialect] = DIALECTS;
  if (dialect === undefined) throw new Error("no dialect");
  const meter = streamMeter(dialect.events, { passUsage: true, answers: 1, goesOn });
  pushBytes(meter, Buffer.from(FIRST));
  const server = new PassThrough();
  const body = bodyOf(server);
  const read = (silentMs: number) => readBeyondEnd(meter, body.chunks(), body.cut, silentMs);
  return { meter, server, read };
}

test("reads what a server appends until it ends its stream", async () => {
  const { meter, server, read } = ended();
  const reading = read(60_000);
  server.write(FIRST.replace("data: [DONE]", `${USAGE}data: [DONE]`));
  server.end();
  expect(await reading).toBe(false);
  expect(furtherAnswers(meter)).toMatchObject({ count: 1, usage: { inputTokens: 7, outputTokens: 3 } });
});

test("reads a usage that is reported after the end", async () => {
  const { meter, server, read } = ended();
  const reading = read(60_000);
  server.end(USAGE);
  await reading;
  expect(meter.usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
});

test("cuts a stream that its server leaves open in silence", async () => {
  const { meter, server, read } = ended();
  const reading = read(5);
  expect(await reading).toBe(true);
  expect(server.destroyed).toBe(true);
  expect(furtherAnswers(meter).count).toBe(0);
});

test("waits for as long again after each piece", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { server, read } = ended();
    const reading = read(100);
    for (let piece = 0; piece < 3; piece++) {
      vi.advanceTimersByTime(90);
      server.write(": searching\n\n");
      await nextTurn();
    }
    expect(server.destroyed).toBe(false);
    vi.advanceTimersByTime(101);
    expect(await reading).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test("does not fail if the connection breaks", async () => {
  const { server, read } = ended();
  const reading = read(60_000);
  server.destroy(new Error("reset"));
  expect(await reading).toBe(false);
});

test("does not wait at a maker", async () => {
  const { server, read } = ended(false);
  expect(await read(60_000)).toBe(false);
  expect(server.destroyed).toBe(false);
});

test("waits longer where a server may run tools", () => {
  const without = silentMsFor({ hasTools: false, mayGetTools: false });
  for (const may of [
    { hasTools: true, mayGetTools: false },
    { hasTools: false, mayGetTools: true },
  ])
    expect(silentMsFor(may)).toBeGreaterThan(without);
});

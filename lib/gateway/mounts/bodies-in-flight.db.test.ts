// @own-process: it measures memory.

import { describe, expect, test } from "vitest";
import { bodyBytes } from "#lib/gateway/ports/body-bytes";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { UNFINISHED } from "#lib/gateway/testing/unfinished-body";

const MB = 1024 * 1024;
const LIMITS = { callerBytes: 128 * MB, processBytes: 512 * MB };
const gate = await testGateway({
  models: ["instant", "status-400", "close-mid-stream"].map((name) => ({ name })),
  maxBodyBytes: 32 * MB,
});
const { gateway } = gate;
gateway.bodies = bodyBytes(LIMITS);

/** The most bytes that are counted, and that the process has grown by, while `run` runs. */
async function most(run: () => Promise<void>): Promise<{ counted: number; grownBytes: number }> {
  const before = process.memoryUsage.rss();
  const found = { counted: 0, grownBytes: 0 };
  const look = () => {
    found.counted = Math.max(found.counted, gateway.bodies.total());
    found.grownBytes = Math.max(found.grownBytes, process.memoryUsage.rss() - before);
  };
  const timer = setInterval(look, 20);
  await run();
  clearInterval(timer);
  look();
  return found;
}

describe.each(UNFINISHED)("on the %s mount", (_, send) => {
  test("60 unfinished bodies of 30 MB take no more memory than their key may", {
    timeout: 120_000,
  }, async () => {
    const { counted, grownBytes } = await most(async () => {
      const requests = Array.from({ length: 60 }, () => send(gate, gate.seeded.apiKey, 30_000_000));
      const rejected: { status: number; text: string }[] = [];
      for (const { answered } of requests) void answered.then((answer) => rejected.push(answer));
      // Four fit, and go on.
      await expect.poll(() => rejected.length, { timeout: 50_000 }).toBe(56);
      await expect.poll(() => gateway.bodies.total(), { timeout: 20_000 }).toBe(4 * 30_000_000);
      for (const { status, text } of rejected) {
        expect(status).toBe(429);
        expect(text).toContain("concurrency_limit_exceeded");
        expect(text).toContain("retry-after");
      }
      for (const { hangUp } of requests) hangUp();
    });
    expect(counted).toBeLessThanOrEqual(LIMITS.callerBytes);
    expect(grownBytes).toBeLessThan(400 * MB);
    await expect.poll(() => gateway.bodies.total()).toBe(0);
  });

  test("beyond the limit of the process, the answer is 503 and says when to retry", async () => {
    gateway.bodies = bodyBytes({ callerBytes: 10 * MB, processBytes: 1 * MB });
    const { answered, hangUp } = send(gate, gate.seeded.apiKey, 2 * MB);
    const { status, text } = await answered;
    hangUp();
    expect(status).toBe(503);
    expect(text).toContain("service_unavailable");
    expect(text).toMatch(/retry-after(: |",")1/);
    gateway.bodies = bodyBytes(LIMITS);
  });
});

describe.each(bothMounts(gate))("on the %s mount", (_, send) => {
  const padding = "x".repeat(300_000);
  const ask = (fields: object) =>
    send("/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${gate.seeded.apiKey}` },
      body: JSON.stringify({ model: "instant", messages: [{ role: "user", content: padding }], ...fields }),
    });

  test.each([
    ["a whole answer", {}, 200],
    ["a stream", { stream: true }, 200],
    ["a stream that breaks", { model: "close-mid-stream", stream: true }, 200],
    ["a provider's error", { model: "status-400" }, 400],
    ["an invalid body", { n: -1 }, 400],
    ["an unknown model", { model: "none" }, 404],
  ])("a body is not counted any more after %s", async (_, fields, status) => {
    const answer = await ask(fields);
    expect(answer.status).toBe(status);
    await answer.text().catch(() => {});
    await expect.poll(() => gateway.bodies.total()).toBe(0);
  });
});

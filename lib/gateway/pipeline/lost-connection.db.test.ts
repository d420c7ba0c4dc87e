import { afterEach, expect, test } from "vitest";
import { gatewayBehindProxy } from "#lib/gateway/testing/gateway-behind-proxy";
import { expectRecovery } from "#lib/gateway/testing/recovery";
import { expectPrompt, stopwatch } from "#lib/testing/promptness";

const { gate, proxy } = await gatewayBehindProxy({ models: [{ name: "instant" }] });

async function ask() {
  const took = stopwatch();
  const response = await gate.chat({ model: "instant", messages: [{ role: "user", content: "Hello!" }] });
  await response.text();
  return { status: response.status, tookMs: took() };
}
const many = () => Promise.all(Array.from({ length: 20 }, () => ask()));

afterEach(async () => {
  await proxy.restore();
  await expectRecovery(gate, many);
});

test("answers 503 within a second while connections hang, and recovers with them", async () => {
  expect((await ask()).status).toBe(200);
  proxy.blackhole();
  const answers = await many();
  for (const { status } of answers) expect(status).toBe(503);
  expectPrompt(
    answers.map(({ tookMs }) => tookMs),
    1_000,
  );
});

test("replaces connections that a failover left dead", async () => {
  expect((await ask()).status).toBe(200);
  proxy.strandConnections();
  const { status, tookMs } = await ask();
  expect(status).toBe(200);
  // After a second and a half of silence, not the five that a call may take.
  expect(tookMs).toBeLessThan(4_500);
});

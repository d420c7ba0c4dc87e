import { expect, test } from "vitest";
import { gatewayBehindProxy } from "#lib/gateway/testing/gateway-behind-proxy";
import { expectPrompt } from "#lib/gateway/testing/promptness";

const { gate, proxy } = await gatewayBehindProxy({ models: [{ name: "instant" }] });

async function ask() {
  const startedAt = performance.now();
  const response = await gate.chat({ model: "instant", messages: [{ role: "user", content: "Hello!" }] });
  await response.text();
  return { status: response.status, tookMs: performance.now() - startedAt };
}
const many = () => Promise.all(Array.from({ length: 20 }, () => ask()));

/** Expects that every connection of the pool works again, and that nothing is left held. */
async function expectRecovery(): Promise<void> {
  await expect.poll(async () => (await ask()).status, { timeout: 15_000 }).toBe(200);
  for (const { status } of await many()) expect(status).toBe(200);
  const held = () => gate.sql`SELECT 1 FROM counters WHERE held_usd <> 0 OR open_holds <> 0`;
  await expect.poll(held).toHaveLength(0);
}

test("answers 503 within a second while connections hang, and recovers with them", async () => {
  expect((await ask()).status).toBe(200);
  proxy.blackhole();
  const answers = await many();
  // Before anything is expected, so that a failure leaves the next test a database.
  await proxy.restore();
  for (const { status } of answers) expect(status).toBe(503);
  expectPrompt(
    answers.map(({ tookMs }) => tookMs),
    1_000,
  );
  await expectRecovery();
});

test("replaces connections that a failover left dead", async () => {
  expect((await ask()).status).toBe(200);
  proxy.strandConnections();
  const { status, tookMs } = await ask();
  expect(status).toBe(200);
  // After a second and a half of silence, not the five that a call may take.
  expect(tookMs).toBeLessThan(4_500);
  await expectRecovery();
});

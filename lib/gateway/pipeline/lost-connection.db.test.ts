import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { expectPrompt } from "#lib/gateway/testing/promptness";
import { startTestGateway, type TestGateway } from "#lib/gateway/testing/test-gateway";
import { type FaultyProxy, startFaultyProxy } from "#lib/testing/faulty-proxy";

let proxy: FaultyProxy;
let gate: TestGateway;

beforeAll(async () => {
  const database = await createTestDatabase();
  proxy = await startFaultyProxy(database.url);
  gate = await startTestGateway({ models: [{ name: "instant" }], database, databaseUrl: () => proxy.url });
});
afterAll(async () => {
  await proxy.restore();
  await gate.close();
  await proxy.close();
});

async function ask() {
  const startedAt = performance.now();
  const response = await gate.chat({ model: "instant", messages: [{ role: "user", content: "Hello!" }] });
  await response.text();
  return { status: response.status, tookMs: performance.now() - startedAt };
}
const many = () => Promise.all(Array.from({ length: 20 }, () => ask()));

/** Every connection of the pool works again, and nothing is left held. */
async function expectRecovery(): Promise<void> {
  await expect.poll(async () => (await ask()).status, { timeout: 15_000 }).toBe(200);
  for (const { status } of await many()) expect(status).toBe(200);
  const held = () => gate.sql`SELECT 1 FROM counters WHERE held_usd <> 0 OR open_holds <> 0`;
  await expect.poll(held).toHaveLength(0);
}

test("connections on which nothing comes any more make every request a 503 within a second; all recovers with them", async () => {
  expect((await ask()).status).toBe(200);
  proxy.blackhole();
  const answers = await many();
  for (const { status } of answers) expect(status).toBe(503);
  expectPrompt(
    answers.map(({ tookMs }) => tookMs),
    1_000,
  );
  await proxy.restore();
  await expectRecovery();
});

test("connections that a fail-over has left for dead are given up for new ones", async () => {
  expect((await ask()).status).toBe(200);
  proxy.strandConnections();
  const { status, tookMs } = await ask();
  expect(status).toBe(200);
  // After a second and a half of silence, and not after the five that a call may take.
  expect(tookMs).toBeLessThan(4_500);
  await expectRecovery();
});

import { randomBytes } from "node:crypto";
import { afterAll, expect, test, vi } from "vitest";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { log } from "#lib/observability/log";
import { postChat } from "#lib/testing/post-chat";
import { seedGateway } from "#lib/testing/seed";

const database = await createTestDatabase();
const encryptionKey = randomBytes(32).toString("base64");
const gate = await testGateway({ models: [{ name: "instant" }], database, encryptionKey });
const other = await seedGateway(database.url, encryptionKey, {
  upstreamUrl: gate.upstream.url,
  models: [{ name: "theirs", upstreamModel: "instant" }],
});
const logged = vi.spyOn(log, "error");
afterAll(() => logged.mockRestore());

const ask = (model: string, apiKey: string) =>
  postChat(gate.url, apiKey, { model, messages: [{ role: "user", content: "Hello!" }] });
const sent = () => gate.upstream.requests.map(({ headers }) => headers.authorization);

test("credentials that were copied to another provider's row are used by neither", async () => {
  expect((await ask("instant", gate.seeded.apiKey)).status).toBe(200);
  expect((await ask("theirs", other.apiKey)).status).toBe(200);
  expect(sent()).toEqual([`Bearer ${gate.seeded.canary}`, `Bearer ${other.canary}`]);

  await gate.sql`
    UPDATE providers p SET credentials = o.credentials FROM providers o
    WHERE o.id <> p.id AND p.id IN (${gate.seeded.ids.provider}, ${other.ids.provider})
      AND o.id IN (${gate.seeded.ids.provider}, ${other.ids.provider})`;

  for (const [model, key] of [
    ["instant", gate.seeded.apiKey],
    ["theirs", other.apiKey],
  ] as const) {
    const response = await ask(model, key);
    expect(response.status).toBeGreaterThanOrEqual(400);
    const text = await response.text();
    for (const canary of [gate.seeded.canary, other.canary]) expect(text).not.toContain(canary);
  }
  expect(sent()).toHaveLength(2);
  for (const provider of [gate.seeded.providerName, other.providerName]) {
    expect(logged).toHaveBeenCalledWith(
      { provider, err: expect.objectContaining({ message: expect.stringContaining("another provider") }) },
      "skipping a provider whose stored settings cannot be used",
    );
  }
});

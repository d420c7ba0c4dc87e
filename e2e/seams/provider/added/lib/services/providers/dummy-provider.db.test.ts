import { expect, test } from "vitest";
import { openControlDb } from "#lib/db/client";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { startTestGateway } from "#lib/gateway/testing/test-gateway";
import { createModel } from "#lib/services/models/create-model";
import { createProvider } from "#lib/services/providers/create-provider";
import { ENCRYPTION_KEY, testContext } from "#lib/services/testing/context";
import { startFakeUpstream } from "#lib/testing/upstream/fake-upstream";
import { chat } from "#lib/testing/upstream/scenario";

test("a provider of the dummy type is created by the API's verb and serves whole and streamed answers", async () => {
  const database = await createTestDatabase();
  const db = openControlDb(database.url, 2);
  const upstream = await startFakeUpstream({
    rules: [{ path: "/v1/south/models/dummy-1:chat", scenario: chat({ text: "Served by the dummy." }) }],
  });
  const provider = {
    name: "dummy",
    type: "dummy",
    base_url: upstream.url,
    settings: { region: "south" },
    credentials: { account: "acme", token: "secret-of-the-dummy" },
  };
  const admin = testContext(db);
  await expect(createProvider(admin, { ...provider, credentials: { api_key: "k" } })).rejects.toThrow();
  const { id } = await createProvider(admin, provider);
  await createModel(admin, {
    name: "public-name",
    targets: [{ provider_id: id, upstream_model: "dummy-1" }],
    max_output_tokens: 64,
    price: { input_per_mtok: "1", output_per_mtok: "2" },
  });
  const gateway = await startTestGateway({ models: [], database, encryptionKey: ENCRYPTION_KEY });
  try {
    // With a budget, every request gets an output bound.
    await gateway.sql`UPDATE users SET budget_limit_usd = 5, budget_period = 'total' WHERE id = ${gateway.seeded.ids.user}`;
    const ask = { model: "public-name", messages: [{ role: "user", content: "Hello" }] };
    const whole = await gateway.chat(ask);
    expect(whole.status).toBe(200);
    expect(await whole.json()).toMatchObject({ choices: [{ message: { content: "Served by the dummy." } }] });
    expect(await gateway.settledRow(whole.headers.get("x-request-id"))).toMatchObject({
      status: "settled",
      provider: "dummy",
      usage_source: "provider",
    });
    const streamed = await gateway.chat({ ...ask, stream: true });
    expect(await streamed.text()).toMatch(/Served.+data: \[DONE\]\n\n$/s);
    for (const { headers, body } of upstream.requests) {
      expect(headers).toMatchObject({ "x-dummy-account": "acme", "x-dummy-token": "secret-of-the-dummy" });
      expect(body).toMatchObject({ model: "dummy-1", max_dummy_tokens: 64 });
    }
    expect(upstream.requests).toHaveLength(2);
  } finally {
    await gateway.close();
    await upstream.close();
    await db.$client.end({ timeout: 5 });
  }
});

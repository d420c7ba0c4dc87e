import { expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "instant" }] });

const limitTokens = (tokensPerMinute: number | null) =>
  gate.sql`UPDATE api_keys SET rate_limits = ${
    tokensPerMinute === null ? null : gate.sql.json({ tokens_per_minute: tokensPerMinute })
  } WHERE id = ${gate.seeded.ids.apiKey}`;

const chat = async () => {
  const messages = [{ role: "user", content: "Hello!" }];
  const response = await gate.chat({ model: "instant", messages, max_tokens: 3_000 });
  expect(response.status).toBe(200);
  await response.text();
  return response.headers.get("x-ratelimit-limit-tokens");
};

test("a request whose limits are removed while they are cached is corrected by its usage", async () => {
  await limitTokens(5_000);
  expect(await chat()).toBe("5000");
  await limitTokens(null);
  // The cached caller still has the limits, so the request takes from the window before the hold finds out.
  expect(await chat()).toBe("5000");
  expect(await chat()).toBeNull();
  await limitTokens(5_000);
  const models = await fetch(`${gate.url}/models`, {
    headers: { authorization: `Bearer ${gate.seeded.apiKey}` },
  });
  expect(Number(models.headers.get("x-ratelimit-remaining-tokens"))).toBeGreaterThan(4_900);
});

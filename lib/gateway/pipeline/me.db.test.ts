import { describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "instant" }, { name: "other" }] });
const { ids } = gate.seeded;

const me = (headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${gate.url}/me`, {
    method,
    headers: { authorization: `Bearer ${gate.seeded.apiKey}`, ...headers },
  });

describe("GET /v1/me", () => {
  test("says who the calling key is, without any limit", async () => {
    const answer = await me();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      organization: { id: ids.organization, name: expect.any(String) },
      user: { id: ids.user, external_id: null, email: expect.any(String), name: null },
      api_key: {
        id: ids.apiKey,
        name: expect.any(String),
        key_prefix: expect.stringMatching(/^tg_/),
        expires_at: null,
        tags: [],
      },
      app: null,
      payment_valid_until: null,
      allowed_models: null,
      budgets: [],
      rate_limits: {},
    });
  });

  test("says what the key, its user and its organization may still spend, and until when", async () => {
    await gate.sql`UPDATE api_keys SET budget_limit_usd = 0.5, budget_period = 'total', allowed_models = '{instant,other}',
      expires_at = '2199-05-06T07:08:09.5Z', tags = '{team}' WHERE id = ${ids.apiKey}`;
    await gate.sql`UPDATE users SET payment_valid_until = '2199-01-31', budget_limit_usd = 10, budget_period = 'month' WHERE id = ${ids.user}`;
    await gate.sql`UPDATE organizations SET rate_limits = '{"requests_per_minute":60}', max_concurrent = 5
      WHERE id = ${ids.organization}`;
    const asked = await gate.chat({ model: "instant", messages: [{ role: "user", content: "Hello!" }] });
    const row = await gate.settledRow(asked.headers.get("x-request-id"));
    const spent = row.cost_usd.replace(/0+$/, "");
    await gate.sql`UPDATE users SET allowed_models = '{other}' WHERE id = ${ids.user}`;

    const now = new Date();
    const monthEnds = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString();
    const answer = await me();
    expect(await answer.json()).toMatchObject({
      api_key: { expires_at: "2199-05-06T07:08:09.500Z", tags: ["team"] },
      payment_valid_until: "2199-01-31",
      allowed_models: ["other"],
      budgets: [
        {
          scope: "api_key",
          limit_usd: "0.5",
          period: "total",
          spent_usd: spent,
          held_usd: "0",
          resets_at: null,
        },
        { scope: "user", limit_usd: "10", period: "month", spent_usd: spent, resets_at: monthEnds },
      ],
      rate_limits: { organization: { requests_per_minute: 60, max_concurrent: 5 } },
    });
    expect(answer.headers.get("x-ratelimit-limit-requests")).toBe("60");
  });

  test("has the installation's limits among those of a key or an app without limits of its own", async () => {
    const windows = [{ requests: 100, seconds: 3600 }];
    await gate.sql`
      INSERT INTO apps (organization_id, name, external_id, secret_hash)
      VALUES (${ids.organization}, 'CRM', 'crm', ${gate.hashSecret("s")})`;
    const limitsOf = async (headers?: Record<string, string>) =>
      (await (await me(headers)).json()).rate_limits;
    gate.gateway.limiter.defaults = { perMinute: 30, windows };
    await gate.sql`UPDATE organizations SET rate_limits = NULL, max_concurrent = 5`;
    await gate.sql`UPDATE api_keys SET max_concurrent = 2`;
    expect(await limitsOf()).toEqual({
      api_key: { requests_per_minute: 30, windows, max_concurrent: 2 },
      organization: { max_concurrent: 5 },
    });
    await gate.sql`UPDATE api_keys SET rate_limits = '{"requests_per_minute":90,"windows":[]}'`;
    expect(await limitsOf()).toMatchObject({ api_key: { requests_per_minute: 90, windows: [] } });
    expect(await limitsOf({ authorization: "", "x-gateway-secret": "s", "x-app-id": "crm" })).toMatchObject({
      app: { requests_per_minute: 30, windows },
    });
    gate.gateway.limiter.defaults = { perMinute: 0, windows: [] };
    await gate.sql`UPDATE api_keys SET rate_limits = NULL, max_concurrent = NULL`;
    expect(await limitsOf()).toEqual({ organization: { max_concurrent: 5 } });
  });

  test("needs a key, and GET", async () => {
    expect((await me({ authorization: "Bearer tg_unknown" })).status).toBe(401);
    expect((await me({}, "POST")).status).toBe(405);
  });
});

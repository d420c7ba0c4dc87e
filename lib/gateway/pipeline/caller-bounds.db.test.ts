import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const plain = { model: "instant", messages: [{ role: "user", content: "Hello!" }] };
const gate = await testGateway({
  models: [{ name: "instant" }, { name: "elsewhere", upstreamModel: "instant" }],
  trustedProxies: ["127.0.0.0/8"],
});

const ask = async (headers?: Record<string, string>, body: unknown = plain) => {
  const response = await gate.chat(body, { headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const listModels = async (headers: Record<string, string> = {}) => {
  const authorization = `Bearer ${gate.seeded.apiKey}`;
  const response = await fetch(`${gate.url}/models`, { headers: { authorization, ...headers } });
  return { status: response.status, body: await response.json() };
};
/** The test's proxy is this machine: what it forwards is believed. */
const from = (address: string) => ({ "x-forwarded-for": address });

describe("a key with allowed addresses", () => {
  const allow = (ranges: string[] | null) =>
    gate.sql`UPDATE api_keys SET allowed_ips = ${ranges} WHERE id = ${gate.seeded.ids.apiKey}`;
  beforeEach(() => allow(["203.0.113.0/24", "2001:db8::1"]));
  afterAll(() => allow(null));

  test.each(["203.0.113.77", "2001:DB8:0::1", "198.51.100.1, 203.0.113.1", "::ffff:203.0.113.9"])(
    "serves %s",
    async (address) => expect((await ask(from(address))).status).toBe(200),
  );

  test.each(["198.51.100.1", "203.0.113.1, 198.51.100.1", "2001:db8::2", "unknown"])(
    "refuses %s with 403 ip_not_allowed, before the body counts",
    async (address) => {
      const { status, body } = await ask(from(address), "this is not JSON");
      expect(status).toBe(403);
      expect(body.error).toEqual({
        message: expect.stringMatching(/may not be used from/),
        type: "permission_error",
        param: null,
        code: "ip_not_allowed",
      });
      expect((await listModels(from(address))).body.error.code).toBe("ip_not_allowed");
    },
  );

  test("follows a narrower and a wider list on the next request", async () => {
    expect((await ask(from("203.0.113.77"))).status).toBe(200);
    await allow(["10.0.0.0/8"]);
    expect((await ask(from("203.0.113.77"))).body.error.code).toBe("ip_not_allowed");
    await allow(["203.0.113.77"]);
    expect((await ask(from("203.0.113.77"))).status).toBe(200);
  });

  test("with an empty list is rejected everywhere", async () => {
    await allow([]);
    expect((await ask(from("203.0.113.77"))).status).toBe(403);
  });

  test("that is not valid at all is a 401 first", async () => {
    const { status } = await ask({ ...from("198.51.100.1"), authorization: `Bearer ${newApiKey("live")}` });
    expect(status).toBe(401);
  });
});

describe("a key bound to a provider", () => {
  let elsewhere: string;
  beforeAll(async () => {
    const [row] = await gate.sql`
      INSERT INTO providers (name, type, base_url)
      SELECT 'elsewhere', type, base_url FROM providers LIMIT 1 RETURNING id`;
    elsewhere = String(row?.id);
    await gate.sql`
      INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
      SELECT model_id, ${elsewhere}, upstream_model, price_version_id, 1 FROM model_targets
      WHERE model_id = ${String(gate.seeded.ids.models.elsewhere)}`;
  });
  const bind = (provider: string | null) =>
    gate.sql`UPDATE api_keys SET provider_id = ${provider} WHERE id = ${gate.seeded.ids.apiKey}`;
  afterAll(() => bind(null));

  test("is served only by that provider, from the next request on", async () => {
    const body = { ...plain, model: "elsewhere" };
    const providerOf = async () => (await ask({}, body)).headers.get("x-tollgate-provider");
    expect(await providerOf()).toBe(gate.seeded.providerName);
    await bind(elsewhere);
    expect(await providerOf()).toBe("elsewhere");
  });

  test("knows no model that it does not serve", async () => {
    await bind(elsewhere);
    const { status, body } = await ask();
    expect([status, body.error.code, body.error.param]).toEqual([404, "model_not_found", "model"]);
    expect(body.error.message).toContain("bound to one provider");
    const { body: listed } = await listModels();
    expect(listed.data.map((model: { id: string }) => model.id)).toEqual(["elsewhere"]);
  });

  test("checks the provider before the allowed models", async () => {
    await bind(elsewhere);
    await gate.sql`UPDATE api_keys SET allowed_models = '{other}' WHERE id = ${gate.seeded.ids.apiKey}`;
    expect((await ask()).body.error.code).toBe("model_not_found");
    expect((await ask({}, { ...plain, model: "elsewhere" })).body.error.code).toBe("model_not_allowed");
    await gate.sql`UPDATE api_keys SET allowed_models = NULL WHERE id = ${gate.seeded.ids.apiKey}`;
  });
});

test("a model may be allowed by its alias", async () => {
  await gate.sql`UPDATE models SET aliases = '{fast}' WHERE name = 'instant'`;
  await gate.sql`UPDATE api_keys SET allowed_models = '{fast}' WHERE id = ${gate.seeded.ids.apiKey}`;
  expect((await ask()).status).toBe(200);
  expect((await ask({}, { ...plain, model: "fast" })).status).toBe(200);
  expect((await ask({}, { ...plain, model: "elsewhere" })).body.error.code).toBe("model_not_allowed");
  await gate.sql`UPDATE api_keys SET allowed_models = NULL WHERE id = ${gate.seeded.ids.apiKey}`;
});

describe("a rotated key", () => {
  let old: string;
  let current: string;
  const as = (key: string) => ask({ authorization: `Bearer ${key}` });
  const rotate = async (graceSeconds: number) => {
    old = current;
    current = newApiKey("live");
    await gate.sql`
      UPDATE api_keys SET key_hash = ${gate.hashSecret(current)},
        previous_key_hash = CASE WHEN ${graceSeconds}::float8 > 0 THEN key_hash END,
        previous_key_expires_at = now() + make_interval(secs => ${graceSeconds})
      WHERE id = ${gate.seeded.ids.apiKey}`;
  };
  beforeAll(() => {
    current = gate.seeded.apiKey;
  });
  afterAll(async () => {
    await gate.sql`
      UPDATE api_keys SET key_hash = ${gate.hashSecret(gate.seeded.apiKey)}, previous_key_hash = NULL
      WHERE id = ${gate.seeded.ids.apiKey}`;
  });

  test("without a grace period is rejected on its next request, although it is cached", async () => {
    expect((await as(current)).status).toBe(200);
    await rotate(0);
    expect((await as(old)).status).toBe(401);
    expect((await as(current)).status).toBe(200);
  });

  test("works during its grace period along with the new value, as the same key", async () => {
    await rotate(60);
    for (const key of [old, current]) {
      const { status, headers } = await as(key);
      expect(status).toBe(200);
      expect(await gate.settledRow(headers.get("x-request-id"))).toMatchObject({
        api_key_id: gate.seeded.ids.apiKey,
      });
    }
  });

  test("ends exactly with its grace period, although it is cached for longer", async () => {
    await rotate(3);
    expect((await as(old)).status).toBe(200);
    await vi.waitFor(async () => expect((await as(old)).status).toBe(401), { timeout: 15_000, interval: 50 });
    expect((await as(current)).status).toBe(200);
  });

  test("ends with the next rotation", async () => {
    await rotate(60);
    const oldest = old;
    expect((await as(oldest)).status).toBe(200);
    await rotate(60);
    expect((await as(oldest)).status).toBe(401);
    expect((await as(old)).status).toBe(200);
  });

  test("ends with the key itself", async () => {
    await rotate(60);
    expect((await as(old)).status).toBe(200);
    await gate.sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${gate.seeded.ids.apiKey}`;
    expect((await as(old)).status).toBe(401);
    expect((await as(current)).status).toBe(401);
    await gate.sql`UPDATE api_keys SET revoked_at = NULL WHERE id = ${gate.seeded.ids.apiKey}`;
  });
});

describe("an internal app", () => {
  const secret = newApiKey("app");
  const as = (headers: Record<string, string>) =>
    ask({ authorization: "", "x-gateway-secret": secret, "x-app-id": "crm", ...headers });
  beforeAll(async () => {
    const { organization, user } = gate.seeded.ids;
    await gate.sql`UPDATE users SET external_id = 'oid-7' WHERE id = ${user}`;
    await gate.sql`
      INSERT INTO apps (name, organization_id, external_id, secret_hash)
      VALUES ('crm', ${organization}, 'crm', ${gate.hashSecret(secret)})`;
  });

  test("is rejected for a user whose payment has expired, and for no other", async () => {
    const { user } = gate.seeded.ids;
    expect((await as({ "x-user-oid": "oid-7" })).status).toBe(200);
    await gate.sql`UPDATE users SET payment_valid_until = '2020-01-01' WHERE id = ${user}`;
    const refused = await as({ "x-user-oid": "oid-7" });
    expect([refused.status, refused.body.error.code]).toEqual([403, "payment_expired"]);
    expect((await as({})).status).toBe(200);
    await gate.sql`UPDATE users SET payment_valid_until = NULL, payment_status = 'none' WHERE id = ${user}`;
    expect((await as({ "x-user-oid": "oid-7" })).status).toBe(200);
  });

  test("may use its old secret until the grace period ends", async () => {
    const next = newApiKey("app");
    const rotate = (graceSeconds: number) => gate.sql`
      UPDATE apps SET secret_hash = ${gate.hashSecret(next)}, previous_secret_hash = ${gate.hashSecret(secret)},
        previous_secret_expires_at = now() + make_interval(secs => ${graceSeconds})
      WHERE external_id = 'crm'`;
    await rotate(60);
    expect((await as({})).status).toBe(200);
    expect((await as({ "x-gateway-secret": next })).status).toBe(200);
    await rotate(0.5);
    expect((await as({ "x-gateway-secret": next })).status).toBe(200);
    await vi.waitFor(async () => expect((await as({})).status).toBe(401), { timeout: 15_000, interval: 50 });
  });
});

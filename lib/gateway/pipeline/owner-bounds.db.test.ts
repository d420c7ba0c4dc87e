import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const NAMES = ["alpha", "beta", "gamma"] as const;
const gate = await testGateway({
  models: NAMES.map((name) => ({ name, upstreamModel: "instant" })),
  trustedProxies: ["127.0.0.0/8"],
});
const { organization, user, apiKey } = gate.seeded.ids;
const appSecret = newApiKey("app");
const otherKey = newApiKey("live");

const asKey = { authorization: `Bearer ${gate.seeded.apiKey}` };
/** The key that a member creates to escape the bounds of the first one. */
const asOtherKey = { authorization: `Bearer ${otherKey}` };
const asApp = { authorization: "", "x-gateway-secret": appSecret, "x-app-id": "crm" };
const asAppForUser = { ...asApp, "x-user-oid": "oid-7" };

/** The status, or the error's code. */
const ask = async (headers: Record<string, string>, model: string) => {
  const response = await gate.chat({ model, messages: [{ role: "user", content: "Hello!" }] }, { headers });
  const body = await response.json();
  return response.status === 200 ? "ok" : body.error.code;
};
const listed = async (headers: Record<string, string>): Promise<string[]> => {
  const response = await fetch(`${gate.url}/models`, { headers });
  const body = await response.json();
  return body.data.map(({ id }: { id: string }) => id).sort();
};
const allow = async (bounds: Partial<Record<"organization" | "user" | "key" | "app", string[] | null>>) => {
  await gate.sql`UPDATE organizations SET allowed_models = ${bounds.organization ?? null} WHERE id = ${organization}`;
  await gate.sql`UPDATE users SET allowed_models = ${bounds.user ?? null} WHERE id = ${user}`;
  await gate.sql`UPDATE api_keys SET allowed_models = ${bounds.key ?? null} WHERE id = ${apiKey}`;
  await gate.sql`UPDATE apps SET allowed_models = ${bounds.app ?? null} WHERE external_id = 'crm'`;
};
const setMemberKeys = (memberKeys: { max: number; allowed_ips?: string[] } | null) =>
  gate.sql`
    UPDATE organizations SET member_keys = ${memberKeys === null ? null : JSON.stringify(memberKeys)}::text::jsonb
    WHERE id = ${organization}`;

beforeAll(async () => {
  await gate.sql`UPDATE models SET aliases = '{first}' WHERE name = 'alpha'`;
  await gate.sql`UPDATE users SET external_id = 'oid-7' WHERE id = ${user}`;
  await gate.sql`UPDATE api_keys SET user_id = ${user} WHERE id = ${apiKey}`;
  await gate.sql`
    INSERT INTO apps (name, organization_id, external_id, secret_hash)
    VALUES ('crm', ${organization}, 'crm', ${gate.hashSecret(appSecret)})`;
  await gate.sql`
    INSERT INTO api_keys (name, organization_id, user_id, key_hash, key_prefix)
    VALUES ('another', ${organization}, ${user}, ${gate.hashSecret(otherKey)}, 'tg_live_x')`;
});
afterEach(async () => {
  await allow({});
  await setMemberKeys(null);
});

describe("allowed models of an organization and a user", () => {
  test("bind the next request of keys that exist, and of one created to escape", async () => {
    for (const headers of [asKey, asOtherKey]) expect(await ask(headers, "beta")).toBe("ok");
    await allow({ user: ["alpha"] });
    for (const headers of [asKey, asOtherKey]) expect(await ask(headers, "beta")).toBe("model_not_allowed");
    await allow({ organization: ["beta"] });
    for (const headers of [asKey, asOtherKey]) {
      expect(await ask(headers, "alpha")).toBe("model_not_allowed");
      expect(await ask(headers, "beta")).toBe("ok");
    }
  });

  test("bind apps: the organization's always, the user's when the app names the user", async () => {
    await allow({ organization: ["alpha", "beta"], user: ["alpha"], app: ["alpha", "beta", "gamma"] });
    expect([await ask(asApp, "beta"), await ask(asApp, "gamma")]).toEqual(["ok", "model_not_allowed"]);
    expect([await ask(asAppForUser, "alpha"), await ask(asAppForUser, "beta")]).toEqual([
      "ok",
      "model_not_allowed",
    ]);
    expect([await listed(asApp), await listed(asAppForUser)]).toEqual([["alpha", "beta"], ["alpha"]]);
  });

  test("may name one model differently in each list", async () => {
    await allow({ organization: ["alpha"], user: ["first"], key: ["alpha"] });
    expect([await ask(asKey, "first"), await ask(asKey, "alpha")]).toEqual(["ok", "ok"]);
  });

  test("leave a key the intersection, whatever the lists", async () => {
    const list = fc.option(fc.subarray([...NAMES]), { nil: null });
    await fc.assert(
      fc.asyncProperty(list, list, list, async (ofOrganization, ofUser, own) => {
        await allow({ organization: ofOrganization, user: ofUser, key: own, app: own });
        const inAll = NAMES.filter((name) =>
          [ofOrganization, ofUser, own].every((bound) => bound === null || bound.includes(name)),
        );
        expect(await listed(asKey)).toEqual(inAll);
        expect(await listed(asAppForUser)).toEqual(inAll);
        for (const name of NAMES) {
          expect(await ask(asKey, name)).toBe(inAll.includes(name) ? "ok" : "model_not_allowed");
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("member_keys.allowed_ips", () => {
  const from = (address: string) => ({ "x-forwarded-for": address });

  test("binds the next request of every key that a person owns, along with the key's own", async () => {
    for (const headers of [asKey, asOtherKey]) {
      expect(await ask({ ...headers, ...from("198.51.100.1") }, "alpha")).toBe("ok");
    }
    await setMemberKeys({ max: 5, allowed_ips: ["203.0.113.0/24"] });
    for (const headers of [asKey, asOtherKey]) {
      expect(await ask({ ...headers, ...from("198.51.100.1") }, "alpha")).toBe("ip_not_allowed");
      expect(await ask({ ...headers, ...from("203.0.113.7") }, "alpha")).toBe("ok");
    }
    await gate.sql`UPDATE api_keys SET allowed_ips = '{203.0.113.7,198.51.100.1}' WHERE id = ${apiKey}`;
    const statusFrom = (address: string) => ask({ ...asKey, ...from(address) }, "alpha");
    expect(await statusFrom("203.0.113.7")).toBe("ok");
    expect(await statusFrom("203.0.113.8")).toBe("ip_not_allowed");
    expect(await statusFrom("198.51.100.1")).toBe("ip_not_allowed");
    await gate.sql`UPDATE api_keys SET allowed_ips = NULL WHERE id = ${apiKey}`;
  });

  test("binds neither the organization's own keys nor its apps", async () => {
    await setMemberKeys({ max: 5, allowed_ips: [] });
    expect(await ask(asKey, "alpha")).toBe("ip_not_allowed");
    expect(await ask(asApp, "alpha")).toBe("ok");
    await gate.sql`UPDATE api_keys SET user_id = NULL WHERE id = ${apiKey}`;
    expect(await ask(asKey, "alpha")).toBe("ok");
    await gate.sql`UPDATE api_keys SET user_id = ${user} WHERE id = ${apiKey}`;
  });
});

test("a user's budget of zero stops a key that was created to escape the budget of another", async () => {
  await gate.sql`UPDATE users SET budget_limit_usd = 0, budget_period = 'month' WHERE id = ${user}`;
  expect(await ask(asOtherKey, "alpha")).toBe("insufficient_quota");
  await gate.sql`UPDATE users SET budget_limit_usd = NULL, budget_period = NULL WHERE id = ${user}`;
  expect(await ask(asOtherKey, "alpha")).toBe("ok");
});

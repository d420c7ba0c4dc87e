import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { chat } from "#lib/testing/upstream/scenario";

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const gate = await testGateway({
  models: [{ name: "created", upstreamModel: "created", rates: { inputPerMtok: "1", outputPerMtok: "1" } }],
  rules: [{ model: "catalogued", scenario: chat({ usage }) }],
});
const [provider] = await gate.sql`UPDATE providers SET name = 'acme' RETURNING id, name`;
const [other] = await gate.sql`
  INSERT INTO providers (name, type, base_url) SELECT 'other', type, base_url FROM providers RETURNING id`;
const rates = { inputPerMtok: "3", outputPerMtok: "7" };
const [price] = await gate.sql`
  INSERT INTO price_versions (source, origin, rates, digest)
  VALUES ('imported', 'test', ${gate.sql.json(rates)}, '\\x02') RETURNING id`;
const price_version_id = price?.id;
for (const model of ["catalogued", "acme/vendor/model", "created"])
  await gate.sql`INSERT INTO imported_prices ${gate.sql({ model, price_version_id, context_window: 8_000 })}`;

const list = (lists: boolean) =>
  gate.sql`UPDATE providers SET settings = ${gate.sql.json({ list_models: lists })} WHERE name = 'acme'`;
const limit = (models: string[] | null) => gate.sql`UPDATE api_keys SET allowed_models = ${models}`;
const bind = (id: string | null) => gate.sql`UPDATE api_keys SET provider_id = ${id}`;

beforeEach(async () => {
  await list(true);
});
afterEach(async () => {
  await bind(null);
  await limit(null);
});

async function ask(model: string) {
  const response = await gate.chat({ model, max_tokens: 20, messages: [{ role: "user", content: "Hi" }] });
  const body: { error?: { code: string; message: string } } = await response.json();
  return { status: response.status, code: body.error?.code, message: body.error?.message ?? "", response };
}

describe("a model that was not created", () => {
  test("is served by its provider's name and its own, at the catalogue's price", async () => {
    await leaveBudget(gate, "1");
    const { status, response } = await ask("acme/catalogued");
    expect(status).toBe(200);
    expect(response.headers.get("x-tollgate-model")).toBe("acme/catalogued");
    expect(await gate.rowOf(response)).toMatchObject({
      model: "acme/catalogued",
      provider: "acme",
      upstream_model: "catalogued",
      price_version_id,
      cost_usd: "0.000065000000",
    });
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject({ model: "catalogued" });
    await leaveBudget(gate, null);
    await expectBalancedBooks(gate);
  });

  test("may have slashes in its name", async () => {
    expect((await ask("acme/vendor/model")).status).toBe(200);
  });

  test("is rejected by a budget that does not cover it", async () => {
    await leaveBudget(gate, "0.00001");
    expect(await ask("acme/catalogued")).toMatchObject({ status: 429, code: "insufficient_quota" });
    await leaveBudget(gate, null);
  });

  test("is a 404 without a price, which says what to do in one command", async () => {
    const { status, code, message } = await ask("acme/unpriced");
    expect([status, code]).toEqual([404, "model_not_found"]);
    expect(message).toContain("'unpriced' of the provider 'acme' has no price in the catalogue");
    expect(message).toContain("npx tollgate provider update acme --prices-of NAME");
    expect(message).toContain(
      "npx tollgate model create acme/unpriced --provider acme --upstream-model unpriced --input-price 1",
    );
    expect((await ask("acme/$(reboot)")).message).toContain(
      "model create MODEL --provider acme --upstream-model MODEL",
    );
  });

  test("has the prices of another provider if its settings say so, for the command in the 404", async () => {
    await bind(provider?.id);
    const { status, message } = await ask("gpt-5-mini");
    expect([status, message]).toEqual([404, expect.stringContaining("provider update acme --prices-of")]);
    await gate.sql`UPDATE providers SET settings = '{"prices_of": "openai"}' WHERE name = 'acme'`;
    const served = await ask("gpt-5-mini");
    expect(served.status).toBe(200);
    const row = await gate.rowOf(served.response);
    const [version] =
      await gate.sql`SELECT source, origin FROM price_versions WHERE id = ${row?.price_version_id}`;
    expect(version).toMatchObject({ source: "catalogue", origin: "genai-prices: openai/gpt-5-mini" });
    // At a known address, only the model itself can lack a price.
    expect((await ask("gpt-unknown")).message).toMatch(
      /An administrator gives it one: npx tollgate model create/,
    );
  });

  test("is a 404 with a command that works if the provider cannot say whose prices apply", async () => {
    const [simulated] = await gate.sql`
      INSERT INTO providers (name, type) VALUES ('pretend', 'simulated') RETURNING id`;
    await bind(simulated?.id);
    const own = (await ask("anything")).message;
    expect(own).toContain("npx tollgate model create anything --provider pretend --input-price 1");
    await gate.sql`UPDATE models SET aliases = ARRAY['nickname']`;
    const taken = (await ask("nickname")).message;
    await gate.sql`UPDATE models SET aliases = '{}'`;
    expect(taken).toContain(
      "npx tollgate model create pretend/nickname --provider pretend --upstream-model nickname --input-price 1",
    );
    for (const message of [own, taken]) expect(message).not.toContain("--prices-of");
  });

  test("is a 404 that names the cause if the key's provider is disabled, or is no target of a model", async () => {
    await bind(other?.id);
    await gate.sql`UPDATE models SET aliases = ARRAY['nickname']`;
    expect((await ask("nickname")).message).toMatch(/does not serve the model.*Its own models have no price/);
    await gate.sql`UPDATE models SET aliases = '{}'`;
    await gate.sql`UPDATE providers SET enabled = false WHERE name = 'other'`;
    expect((await ask("catalogued")).message).toContain("bound to a provider that is disabled");
    await gate.sql`UPDATE providers SET enabled = true WHERE name = 'other'`;
  });

  test("is a 404 at a provider that does not list its models, and without the provider's name", async () => {
    for (const model of ["other/catalogued", "catalogued", "acme/", "nowhere/catalogued"])
      expect(await ask(model)).toMatchObject({
        status: 404,
        message: expect.stringContaining("does not exist here"),
      });
    await list(false);
    expect(await ask("acme/catalogued")).toMatchObject({ status: 404, code: "model_not_found" });
  });

  test("has the price of the next import at once", async () => {
    await ask("acme/catalogued");
    const [dearer] = await gate.sql`
      INSERT INTO price_versions (source, origin, rates, digest)
      VALUES ('imported', 'test', ${gate.sql.json({ inputPerMtok: "30", outputPerMtok: "70" })}, '\\x03') RETURNING id`;
    await gate.sql`UPDATE imported_prices SET price_version_id = ${dearer?.id} WHERE model = 'catalogued'`;
    expect(await gate.rowOf((await ask("acme/catalogued")).response)).toMatchObject({
      cost_usd: "0.000650000000",
    });
    await gate.sql`UPDATE imported_prices SET price_version_id = ${price_version_id} WHERE model = 'catalogued'`;
  });

  test("must be in the caller's list", async () => {
    await limit(["created"]);
    expect(await ask("acme/catalogued")).toMatchObject({ status: 403, code: "model_not_allowed" });
    await limit(["acme/catalogued"]);
    expect((await ask("acme/catalogued")).status).toBe(200);
  });

  test("gives way to a model that was created under its name, also while that is disabled", async () => {
    await gate.sql`UPDATE models SET aliases = ARRAY['acme/catalogued']`;
    expect(await gate.rowOf((await ask("acme/catalogued")).response)).toMatchObject({ model: "created" });
    await gate.sql`UPDATE models SET enabled = false`;
    expect((await ask("acme/catalogued")).status).toBe(404);
    await gate.sql`UPDATE models SET enabled = true, aliases = '{}'`;
  });
});

describe("a key that is bound to a provider", () => {
  test("reaches its models without the setting, by either name", async () => {
    await list(false);
    await bind(provider?.id);
    for (const name of ["catalogued", "acme/catalogued"]) {
      const { status, response } = await ask(name);
      expect(status).toBe(200);
      expect(await gate.rowOf(response)).toMatchObject({ model: "acme/catalogued", provider: "acme" });
    }
    expect(await ask("other/catalogued")).toMatchObject({ status: 404 });
  });

  test("reaches a created model first, if the provider is one of its targets", async () => {
    await bind(provider?.id);
    expect(await gate.rowOf((await ask("created")).response)).toMatchObject({ model: "created" });
    await gate.sql`UPDATE model_targets SET enabled = false`;
    expect(await ask("created")).toMatchObject({
      status: 404,
      message: expect.stringContaining("bound to one"),
    });
    await gate.sql`UPDATE model_targets SET enabled = true`;
    await bind(other?.id);
    const { response } = await ask("created");
    expect(await gate.rowOf(response)).toMatchObject({ model: "other/created", provider: "other" });
  });

  test("may have the bare name in its list", async () => {
    await bind(provider?.id);
    await limit(["catalogued"]);
    expect((await ask("acme/catalogued")).status).toBe(200);
    expect((await ask("acme/vendor/model")).status).toBe(403);
  });
});

describe("GET /v1/models", () => {
  const get = async (path: string) => {
    const headers = { authorization: `Bearer ${gate.seeded.apiKey}` };
    return (await fetch(`${gate.url}/${path}`, { headers })).json();
  };

  test("retrieves one, with the catalogue's limits", async () => {
    expect(await get("models/acme%2Fcatalogued")).toMatchObject({
      id: "acme/catalogued",
      owned_by: "acme",
      context_window: 8_000,
    });
  });

  test("lists those that their provider lists, a catalogue prices and the caller may use", async () => {
    const settings = gate.sql.json({ list_models: true });
    const [simulated] = await gate.sql`
      INSERT INTO providers (name, type, settings) VALUES ('sim', 'simulated', ${settings}) RETURNING id`;
    const listed = async () => {
      const { data }: { data: { id: string }[] } = await get("models");
      return data.map(({ id }) => id);
    };
    expect(await listed()).toEqual(["created"]);
    await gate.sql`INSERT INTO imported_prices ${gate.sql({ model: "sim/simulated", price_version_id })}`;
    expect(await listed()).toEqual(["created", "sim/simulated"]);
    await limit(["created"]);
    expect(await listed()).toEqual(["created"]);
    await limit(null);
    await gate.sql`UPDATE providers SET settings = '{}' WHERE name = 'sim'`;
    expect(await listed()).toEqual(["created"]);
    await bind(simulated?.id);
    expect(await listed()).toEqual(["simulated"]);
    await gate.sql`UPDATE providers SET settings = ${settings} WHERE name = 'sim'`;
    expect(await listed()).toEqual(["simulated", "sim/simulated"]);
  });

  test("has each model by the name that a key which is bound to a provider can call it by", async () => {
    await bind((await gate.sql`SELECT id FROM providers WHERE name = 'sim'`)[0]?.id);
    await gate.sql`UPDATE providers SET settings = '{}' WHERE name = 'sim'`;
    const ids = async () => {
      const { data }: { data: { id: string }[] } = await get("models");
      return Promise.all(
        data.map(async ({ id }) => [
          id,
          (await ask(id)).status,
          (await get(`models/${encodeURIComponent(id)}`)).id,
        ]),
      );
    };
    expect(await ids()).toEqual([["simulated", 200, "simulated"]]);
    await limit(["simulated"]);
    expect(await ids()).toEqual([["simulated", 200, "simulated"]]);
    await limit(["created"]);
    expect(await ids()).toEqual([]);
    await limit(null);
    // A disabled model has the name.
    await gate.sql`UPDATE models SET aliases = ARRAY['simulated'], enabled = false`;
    expect(await ids()).toEqual([["sim/simulated", 200, "sim/simulated"]]);
    await gate.sql`UPDATE models SET aliases = '{}', enabled = true`;
  });
});

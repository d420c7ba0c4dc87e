import { UNKNOWN_ID } from "#lib/services/testing/context";
import { expect, test } from "./api-test";
import { byKey, chat, outcome } from "./data-plane";
import {
  expectEach,
  expectGone,
  expectInvalidFields,
  FORBIDDEN,
  NOT_FOUND,
  UNAUTHORIZED,
} from "./expectations";
import { createResource, newModel, newSimulatedProvider, newTenant, unique } from "./resources";

const PRICE = { input_per_mtok: "1.50", output_per_mtok: "2" };

test("an administrator creates, reads, lists, updates and deletes models", async ({ api, gate }) => {
  const { provider } = gate.seeded.ids;
  const spare = await newSimulatedProvider(api, "spare");
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    const first = { provider_id: provider, upstream_model: "instant", priority: 0, enabled: true };
    const second = { provider_id: spare.id, upstream_model: "x", priority: 1, enabled: false };
    const whole = {
      name: unique("all"),
      aliases: [unique("alias"), unique("alias")],
      strategy: "priority",
      targets: [first, second],
      price: { ...PRICE, cache_read_per_mtok: "0.10", cache_write_per_mtok: "1" },
      context_window: 128_000,
      max_output_tokens: 4096,
      enabled: true,
    };
    const model = await createResource(client, "/models", whole);
    const price = { ...whole.price, input_per_mtok: "1.5", cache_read_per_mtok: "0.1" };
    expect(model).toMatchObject({ ...whole, price });
    const path = `/models/${model.id}`;
    expect((await client.get(path)).body).toEqual(model);
    expect((await client.get("/models", { query: { limit: 1 } })).data).toEqual([model]);
    const changes = {
      name: unique("changed"),
      aliases: [],
      strategy: "priority",
      targets: [first],
      price: { input_per_mtok: "9", output_per_mtok: "10" },
      context_window: 1000,
      max_output_tokens: 100,
      enabled: false,
    };
    const changed = await client.patch(path, changes);
    expect([changed.status, changed.body]).toEqual([200, expect.objectContaining({ id: model.id })]);
    expect(changed.body).toMatchObject(changes);
    expect((await client.patch(path, { enabled: true })).body).toEqual({ ...changed.body, enabled: true });
    expect((await client.delete(path)).status).toBe(204);
    await expectGone(client, path);
  }
});

test("needs only a name, a target and a price", async ({ api, gate }) => {
  const { provider } = gate.seeded.ids;
  expect(await newModel(api, provider)).toMatchObject({
    aliases: [],
    strategy: "priority",
    targets: [{ provider_id: provider, upstream_model: "instant", priority: 0, enabled: true }],
    price: { input_per_mtok: "1.5", output_per_mtok: "2" },
    context_window: null,
    max_output_tokens: null,
    enabled: true,
  });
});

test("without a price it has the catalogue price, or is rejected if there is none", async ({ api }) => {
  const openai = await createResource(api.adminKey, "/providers", {
    name: unique("openai"),
    type: "openai",
    credentials: { api_key: "sk-none" },
  });
  const targets = (upstream_model: string) => [{ provider_id: openai.id, upstream_model }];
  const known = { name: unique("known"), targets: targets("gpt-4o-mini") };
  expect(await createResource(api.adminKey, "/models", known)).toMatchObject({
    price: {
      input_per_mtok: "0.15",
      output_per_mtok: "0.6",
      cache_read_per_mtok: "0.075",
      web_search_per_call: "0.01",
    },
  });
  const unknown = { name: unique("unknown"), targets: targets("no-such-model") };
  const rejected = await api.adminKey.post("/models", unknown);
  expect([rejected.status, rejected.param]).toEqual([400, "price"]);
});

test("clients use the name or an alias while the model is enabled", async ({ api, gate }) => {
  const { key } = await newTenant(api);
  const alias = unique("alias");
  const { id, name } = await newModel(api, gate.seeded.ids.provider, { aliases: [alias] });
  const asked = () => Promise.all([name, alias].map(async (model) => outcome(gate, byKey(key), { model })));
  const aliased = await chat(gate, byKey(key), { model: alias });
  expect([aliased.outcome, aliased.headers.get("x-tollgate-model")]).toEqual(["200", name]);
  const gone = "404 model_not_found";
  await api.adminKey.patch(`/models/${id}`, { enabled: false });
  expect(await asked()).toEqual([gone, gone]);
  await api.adminKey.patch(`/models/${id}`, { enabled: true, aliases: [] });
  expect(await asked()).toEqual(["200", gone]);
  await api.adminKey.delete(`/models/${id}`);
  expect(await asked()).toEqual([gone, gone]);
  const { data } = await api.adminKey.get("/requests", { query: { model: name } });
  expect(data.map((row) => row.status)).toEqual(["settled", "settled"]);
});

test("a new price applies to the next request, and old requests keep theirs", async ({ api, gate }) => {
  const { key } = await newTenant(api);
  const { id, name: model } = await newModel(api, gate.seeded.ids.provider);
  const ask = async () => {
    const { id: requestId, headers } = await chat(gate, byKey(key), { model });
    const { body } = await api.adminKey.get(`/requests/${requestId}`);
    expect(headers.get("x-tollgate-cost-usd")).toBe(body.cost_usd);
    return body;
  };
  const first = await ask();
  // 9 tokens in and 5 out, per million.
  expect(first.cost_usd).toBe("0.0000235");
  await api.adminKey.patch(`/models/${id}`, { price: { input_per_mtok: "0", output_per_mtok: "0.001" } });
  const second = await ask();
  expect(second.cost_usd).toBe("0.000000005");
  expect(second.price_version_id).not.toBe(first.price_version_id);
  expect((await api.adminKey.get(`/requests/${first.id}`)).body).toEqual(first);
});

test("tries targets by priority, without disabled ones", async ({ api, gate }) => {
  const { key } = await newTenant(api);
  const spare = await newSimulatedProvider(api, "spare");
  const target = (provider_id: string, upstream_model: string, more: object = {}) => ({
    provider_id,
    upstream_model,
    ...more,
  });
  const own = gate.seeded.ids.provider;
  const { id, name: model } = await newModel(api, own, {
    targets: [target(spare.id, "x", { priority: 1 }), target(own, "instant", { priority: 0 })],
  });
  const servedBy = async () => (await chat(gate, byKey(key), { model })).headers.get("x-tollgate-provider");
  expect(await servedBy()).toBe(gate.seeded.providerName);
  await api.adminKey.patch(`/models/${id}`, {
    targets: [target(own, "status-500"), target(spare.id, "x", { priority: 1 })],
  });
  expect(await servedBy()).toMatch(/^spare/);
  await api.adminKey.patch(`/models/${id}`, {
    targets: [target(own, "instant", { enabled: false }), target(spare.id, "x")],
  });
  expect(await servedBy()).toMatch(/^spare/);
});

test("rejects an invalid field and taken names and aliases", async ({ api, gate }) => {
  const provider_id = gate.seeded.ids.provider;
  const targets = [{ provider_id, upstream_model: "instant" }];
  const alias = unique("alias");
  const taken = await newModel(api, provider_id, { aliases: [alias] });
  const { id } = await newModel(api, provider_id);
  await expectInvalidFields(
    api.adminKey,
    { collection: "/models", valid: () => ({ name: unique("wrong"), targets, price: PRICE }), id },
    [
      ["color", { color: "red" }],
      ["name", { name: "with spaces" }],
      ["aliases", { aliases: "x" }],
      ["strategy", { strategy: "best" }],
      ["targets", { targets: [] }],
      ["targets", { targets: [{ provider_id: UNKNOWN_ID, upstream_model: "x" }] }],
      ["targets.0.upstream_model", { targets: [{ provider_id }] }],
      ["targets.0.weight", { targets: [{ ...targets[0], weight: -1 }] }],
      ["price.input_per_mtok", { price: { input_per_mtok: 1, output_per_mtok: "1" } }],
      ["price.output_per_mtok", { price: { input_per_mtok: "1" } }],
      ["price.color", { price: { ...PRICE, color: "1" } }],
      ["context_window", { context_window: "many" }],
      ["max_output_tokens", { max_output_tokens: 0 }],
    ],
  );
  for (const [field, value] of [
    ["name", taken.name],
    ["name", alias],
    ["aliases", [taken.name]],
    ["aliases", [alias]],
  ] as const) {
    const whole = { name: unique("clash"), targets, price: PRICE, [field]: value };
    const clash = await api.adminKey.post("/models", whole);
    expect([clash.status, clash.param], clash.text).toEqual([409, field]);
    expect((await api.adminKey.patch(`/models/${id}`, { [field]: value })).status).toBe(409);
  }
});

test("every role reads models, and administrators change them", async ({ api, gate }) => {
  const target = { provider_id: gate.seeded.ids.provider, upstream_model: "instant" };
  const model = await newModel(api, target.provider_id);
  const path = `/models/${model.id}`;
  const changes = [
    ["POST", "/models", { name: unique("rejected"), targets: [target], price: PRICE }],
    ["PATCH", path, { enabled: false }],
    ["DELETE", path],
  ] as const;
  for (const client of [api.orgAdminToken, api.orgAdminSession, api.viewerToken, api.memberSession]) {
    expect((await client.get(path)).body).toEqual(model);
    expect((await client.get("/models", { query: { limit: 1 } })).data).toEqual([model]);
    await expectEach(client, changes, FORBIDDEN);
  }
  await expectEach(api.anonymous, [["GET", "/models"], ["GET", path], ...changes], UNAUTHORIZED);
  const nowhere = `/models/${UNKNOWN_ID}`;
  const missing = [
    ["GET", nowhere],
    ["PATCH", nowhere, { enabled: false }],
    ["DELETE", nowhere],
  ] as const;
  await expectEach(api.adminKey, missing, NOT_FOUND);
});

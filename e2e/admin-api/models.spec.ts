import { type Api, expect, test } from "./api-test";
import { byKey, chat, outcome } from "./data-plane";
import { aTenant, expectAll, FORBIDDEN, made, NOT_FOUND, NOWHERE, UNAUTHORIZED, unique } from "./things";

const PRICE = { input_per_mtok: "1.50", output_per_mtok: "2" };

/** At the worker's fake upstream, unless said otherwise. */
async function aModel(api: Api, provider_id: string, more: object = {}) {
  const name = unique("model");
  const targets = [{ provider_id, upstream_model: "instant" }];
  const model = await made(api.adminKey, "/models", { name, targets, price: PRICE, ...more });
  return { ...model, name };
}

test("an administrator makes, reads, lists, changes and deletes models", async ({ api, gate }) => {
  const { provider } = gate.seeded.ids;
  const spare = await made(api.adminKey, "/providers", { name: unique("spare"), type: "simulated" });
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
    const model = await made(client, "/models", whole);
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
    await expectAll(
      client,
      [
        ["GET", path],
        ["DELETE", path],
      ],
      NOT_FOUND,
    );
  }
});

test("a name, a target and a price are all that is needed", async ({ api, gate }) => {
  const { provider } = gate.seeded.ids;
  expect(await aModel(api, provider)).toMatchObject({
    aliases: [],
    strategy: "priority",
    targets: [{ provider_id: provider, upstream_model: "instant", priority: 0, enabled: true }],
    price: { input_per_mtok: "1.5", output_per_mtok: "2" },
    context_window: null,
    max_output_tokens: null,
    enabled: true,
  });
});

test("without a price it costs what the catalogue says, or else a price is asked for", async ({ api }) => {
  const openai = await made(api.adminKey, "/providers", {
    name: unique("openai"),
    type: "openai",
    credentials: { api_key: "sk-none" },
  });
  const targets = (upstream_model: string) => [{ provider_id: openai.id, upstream_model }];
  const known = { name: unique("known"), targets: targets("gpt-4o-mini") };
  expect(await made(api.adminKey, "/models", known)).toMatchObject({
    price: { input_per_mtok: "0.15", output_per_mtok: "0.6", cache_read_per_mtok: "0.075" },
  });
  const unknown = { name: unique("unknown"), targets: targets("no-such-model") };
  const refused = await api.adminKey.post("/models", unknown);
  expect([refused.status, refused.param]).toEqual([400, "price"]);
});

test("clients ask by name or alias, as long as there is one and it is enabled", async ({ api, gate }) => {
  const { key } = await aTenant(api);
  const alias = unique("alias");
  const { id, name } = await aModel(api, gate.seeded.ids.provider, { aliases: [alias] });
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

test("a new price is the next request's, and an old request keeps its own", async ({ api, gate }) => {
  const { key } = await aTenant(api);
  const { id, name: model } = await aModel(api, gate.seeded.ids.provider);
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

test("targets are tried by priority, and those that are switched off are not", async ({ api, gate }) => {
  const { key } = await aTenant(api);
  const spare = await made(api.adminKey, "/providers", { name: unique("spare"), type: "simulated" });
  const target = (provider_id: string, upstream_model: string, more: object = {}) => ({
    provider_id,
    upstream_model,
    ...more,
  });
  const own = gate.seeded.ids.provider;
  const { id, name: model } = await aModel(api, own, {
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

test("what is wrong is a 400 that names it, and names and aliases are one model's", async ({ api, gate }) => {
  const provider_id = gate.seeded.ids.provider;
  const targets = [{ provider_id, upstream_model: "instant" }];
  const alias = unique("alias");
  const taken = await aModel(api, provider_id, { aliases: [alias] });
  const { id } = await aModel(api, provider_id);
  const wrong: [param: string, fields: object][] = [
    ["colour", { colour: "red" }],
    ["name", { name: "with spaces" }],
    ["aliases", { aliases: "x" }],
    ["strategy", { strategy: "best" }],
    ["strategy", { strategy: "weighted" }],
    ["targets", { targets: [] }],
    ["targets", { targets: [{ provider_id: NOWHERE, upstream_model: "x" }] }],
    ["targets.0.upstream_model", { targets: [{ provider_id }] }],
    ["targets.0.weight", { targets: [{ ...targets[0], weight: 1 }] }],
    ["price.input_per_mtok", { price: { input_per_mtok: 1, output_per_mtok: "1" } }],
    ["price.output_per_mtok", { price: { input_per_mtok: "1" } }],
    ["price.colour", { price: { ...PRICE, colour: "1" } }],
    ["context_window", { context_window: "many" }],
    ["max_output_tokens", { max_output_tokens: 0 }],
  ];
  for (const [param, fields] of wrong) {
    const whole = { name: unique("wrong"), targets, price: PRICE, ...fields };
    const created = await api.adminKey.post("/models", whole);
    expect([created.status, created.param], created.text).toEqual([400, param]);
    const changed = await api.adminKey.patch(`/models/${id}`, fields);
    expect([changed.status, changed.param], changed.text).toEqual([400, param]);
  }
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

test("everybody sees models, and administrators change them", async ({ api, gate }) => {
  const target = { provider_id: gate.seeded.ids.provider, upstream_model: "instant" };
  const model = await aModel(api, target.provider_id);
  const path = `/models/${model.id}`;
  const changes = [
    ["POST", "/models", { name: unique("refused"), targets: [target], price: PRICE }],
    ["PATCH", path, { enabled: false }],
    ["DELETE", path],
  ] as const;
  for (const client of [api.orgAdminToken, api.orgAdminSession, api.viewerToken, api.memberSession]) {
    expect((await client.get(path)).body).toEqual(model);
    expect((await client.get("/models", { query: { limit: 1 } })).data).toEqual([model]);
    await expectAll(client, changes, FORBIDDEN);
  }
  await expectAll(api.nobody, [["GET", "/models"], ["GET", path], ...changes], UNAUTHORIZED);
  const nowhere = `/models/${NOWHERE}`;
  const missing = [
    ["GET", nowhere],
    ["PATCH", nowhere, { enabled: false }],
    ["DELETE", nowhere],
  ] as const;
  await expectAll(api.adminKey, missing, NOT_FOUND);
});

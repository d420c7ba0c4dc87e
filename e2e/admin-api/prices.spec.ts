import { type Api, expect, test } from "./api-test";
import { expectEach, FORBIDDEN, UNAUTHORIZED } from "./expectations";
import { createResource, unique } from "./resources";

const entry = (input: number, output: number) => ({
  input_cost_per_token: input,
  output_cost_per_token: output,
  max_input_tokens: 1000,
  max_output_tokens: 100,
  litellm_provider: "openai",
  mode: "chat",
});

async function newProvider(api: Api) {
  return createResource(api.adminKey, "/providers", {
    name: unique("gate"),
    type: "openai-compatible",
    base_url: "http://127.0.0.1:9/v1",
  });
}

test("an imported catalogue sets the prices of existing and new models", async ({ api }) => {
  const { id: provider_id } = await newProvider(api);
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    const upstream_model = unique("imported");
    const first = await client.post("/prices/import", { [upstream_model]: entry(0.000002, 4.6875e-9) });
    expect([first.status, first.body]).toEqual([
      200,
      { imported: 1, unchanged: 0, skipped: [], skipped_total: 0, models_updated: 0 },
    ]);
    const targets = [{ provider_id, upstream_model }];
    const model = await createResource(client, "/models", { name: unique("model"), targets });
    expect(model).toMatchObject({
      price: { input_per_mtok: "2", output_per_mtok: "0.0046875" },
      context_window: 1000,
      max_output_tokens: 100,
    });
    const second = await client.post("/prices/import", { [upstream_model]: entry(0.000003, 0) });
    expect(second.body).toMatchObject({ imported: 1, models_updated: 1 });
    const changed = await client.get(`/models/${model.id}`);
    expect(changed.body).toMatchObject({ price: { input_per_mtok: "3", output_per_mtok: "0" } });
    const third = await client.post("/prices/import", { [upstream_model]: entry(0.000003, 0) });
    expect(third.body).toMatchObject({ imported: 0, unchanged: 1, models_updated: 0 });
  }
});

test("an import keeps prices set by hand", async ({ api }) => {
  const { id: provider_id } = await newProvider(api);
  const upstream_model = unique("by-hand");
  const price = { input_per_mtok: "7", output_per_mtok: "8" };
  const targets = [{ provider_id, upstream_model }];
  const { id } = await createResource(api.adminKey, "/models", { name: unique("model"), targets, price });
  await api.adminKey.post("/prices/import", { [upstream_model]: entry(0.000001, 0.000001) });
  expect((await api.adminKey.get(`/models/${id}`)).body.price).toEqual(price);
});

test("skips entries that cannot be billed exactly, with the reason", async ({ api }) => {
  const [good, image] = [unique("good"), unique("image")];
  const { body } = await api.adminKey.post("/prices/import", {
    sample_spec: { input_cost_per_token: 0 },
    [good]: entry(0.000001, 0.000002),
    [image]: { ...entry(0, 0), output_cost_per_image: 0.04 },
  });
  expect(body).toMatchObject({
    imported: 1,
    skipped_total: 2,
    skipped: [
      { model: "sample_spec", reason: "explains the fields of the file and is not a model" },
      { model: image, reason: expect.stringContaining("output_cost_per_image") },
    ],
  });
});

test("accepts a file of several megabytes", async ({ api }) => {
  const padding = "x".repeat(20_000);
  const entries = Array.from({ length: 150 }, () => [
    unique("large"),
    { ...entry(0.000001, 0.000001), comment: padding },
  ]);
  const { status, body } = await api.adminKey.post("/prices/import", Object.fromEntries(entries));
  expect([status, body.imported]).toEqual([200, 150]);
});

test("needs an administrator", async ({ api }) => {
  const importing = ["POST", "/prices/import", { [unique("rejected")]: entry(0, 0) }] as const;
  for (const client of [api.orgAdminToken, api.orgAdminSession, api.viewerToken, api.memberSession]) {
    await expectEach(client, [importing], FORBIDDEN);
  }
  await expectEach(api.anonymous, [importing], UNAUTHORIZED);
  expect((await api.adminKey.post("/prices/import", "[]")).status).toBe(400);
});

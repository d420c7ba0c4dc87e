import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/auth/actor";
import { type Db, openControlDb } from "#lib/db/client";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { createProvider } from "#lib/services/providers/create-provider";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { createModel } from "./create-model";

let database: TestDatabase;
let ctx: RoutingContext & { db: Db };
let openai: string;
let local: string;
beforeAll(async () => {
  database = await createTestDatabase();
  const config = { ENCRYPTION_KEY: randomBytes(32).toString("base64"), BLOCK_PRIVATE_UPSTREAMS: false };
  ctx = { db: openControlDb(database.url), actor: SYSTEM, config };
  openai = (await createProvider(ctx, { name: "openai", type: "openai", credentials: { api_key: "sk" } })).id;
  const url = "http://127.0.0.1:8000/v1";
  local = (await createProvider(ctx, { name: "local", type: "openai-compatible", base_url: url })).id;
});
afterAll(async () => {
  await ctx.db.$client.end();
  await database.drop();
});

const price = { input_per_mtok: "1.50", output_per_mtok: "04" };

describe("createModel", () => {
  test("takes the catalogue's price and context window", async () => {
    const made = await createModel(ctx, {
      name: "gpt-4o-mini",
      aliases: ["mini", "mini", "gpt-4o-mini"],
      targets: [{ provider_id: openai, upstream_model: "gpt-4o-mini" }],
      max_output_tokens: 16_384,
    });
    expect(made).toMatchObject({
      context_window: 128_000,
      max_output_tokens: 16_384,
      aliases: ["mini"],
      price: { input_per_mtok: "0.15", output_per_mtok: "0.6", cache_read_per_mtok: "0.075" },
      price_source: "catalogue",
    });
    const [row] = await database.sql`
      SELECT v.source, v.origin, v.rates, t.upstream_model, t.priority, t.enabled
      FROM model_targets t JOIN price_versions v ON v.id = t.price_version_id WHERE t.model_id = ${made.id}`;
    expect(row).toEqual({
      source: "catalogue",
      origin: "genai-prices: openai/gpt-4o-mini",
      rates: { inputPerMtok: "0.15", outputPerMtok: "0.6", cacheReadPerMtok: "0.075" },
      upstream_model: "gpt-4o-mini",
      priority: 0,
      enabled: true,
    });
  });

  test("takes a price given by hand, for every target", async () => {
    const made = await createModel(ctx, {
      name: "own",
      price,
      targets: [
        { provider_id: local, upstream_model: "llama" },
        { provider_id: openai, upstream_model: "gpt-4o", priority: 1 },
      ],
    });
    expect(made).toMatchObject({
      price: { input_per_mtok: "1.5", output_per_mtok: "4" },
      price_source: "manual",
    });
    expect(made.targets.map((target) => target.provider_name)).toEqual(["local", "openai"]);
    expect(new Set(made.targets.map((target) => target.price_version_id)).size).toBe(1);
    const [row] = await database.sql`
      SELECT source, origin, rates FROM price_versions WHERE id = ${made.targets[0]?.price_version_id ?? ""}`;
    expect(row).toEqual({
      source: "manual",
      origin: "by hand: system",
      rates: { inputPerMtok: "1.5", outputPerMtok: "4" },
    });
  });

  test("asks for a price where the catalogue has none", async () => {
    const targets = [{ provider_id: local, upstream_model: "llama" }];
    await expect(createModel(ctx, { name: "unpriced", targets })).rejects.toMatchObject({
      code: "invalid",
      fields: { price: expect.stringContaining("give its rates") },
    });
  });

  test("writes an audit row in the same transaction", async () => {
    const made = await createModel(ctx, {
      name: "audited",
      price,
      targets: [{ provider_id: local, upstream_model: "a" }],
    });
    const [row] = await database.sql`SELECT * FROM audit_log WHERE subject_id = ${made.id}`;
    expect(row).toMatchObject({ action: "model.create", actor_id: "system", after: { name: "audited" } });
  });

  test("refuses a name or alias that another model has as either", async () => {
    const targets = [{ provider_id: local, upstream_model: "a" }];
    await createModel(ctx, { name: "first", aliases: ["uno"], price, targets });
    for (const [field, names] of [
      ["name", { name: "first" }],
      ["name", { name: "uno" }],
      ["aliases", { name: "second", aliases: ["uno"] }],
      ["aliases", { name: "second", aliases: ["first"] }],
    ] as const) {
      await expect(
        createModel(ctx, { ...names, aliases: [...(names.aliases ?? [])], price, targets }),
      ).rejects.toMatchObject({
        code: "conflict",
        fields: { [field]: expect.any(String) },
      });
    }
  });

  test("lets one of two win that want the same name at once", async () => {
    const targets = [{ provider_id: local, upstream_model: "a" }];
    const outcomes = await Promise.allSettled([
      createModel(ctx, { name: "race", price, targets }),
      createModel(ctx, { name: "other", aliases: ["race"], price, targets }),
    ]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("tries targets of one priority in the order given, and says what the rates are where they differ", async () => {
    const models = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-5"];
    const made = await createModel(ctx, {
      name: "ordered",
      targets: models.map((upstream_model) => ({ provider_id: openai, upstream_model })),
    });
    expect(made.targets.map((target) => target.upstream_model)).toEqual(models);
    expect(made).toMatchObject({ price: null, price_source: null, context_window: 128_000 });
    const stored = await database.sql`
      SELECT upstream_model FROM model_targets WHERE model_id = ${made.id} ORDER BY priority, id`;
    expect(stored.map((row) => row.upstream_model)).toEqual(models);
  });

  test("rejects a strategy that is not served", async () => {
    const input = { name: "x", price, targets: [{ provider_id: local, upstream_model: "a" }] };
    for (const strategy of ["round_robin", "weighted", "least_latency", "cheapest"]) {
      await expect(createModel(ctx, { ...input, strategy })).rejects.toMatchObject({
        code: "invalid",
        fields: { strategy: "Choose one of: priority." },
      });
    }
  });

  test("rejects a weight, which no strategy reads", async () => {
    const targets = [{ provider_id: local, upstream_model: "a", weight: 1 }];
    await expect(createModel(ctx, { name: "x", price, targets })).rejects.toMatchObject({
      code: "invalid",
      fields: { "targets.0.weight": expect.any(String) },
    });
  });

  test("names a field that it does not know", async () => {
    const input = { name: "x", targets: [{ provider_id: local, upstream_model: "a" }], colour: "red" };
    await expect(createModel(ctx, input)).rejects.toThrow("colour");
  });

  test("refuses a provider that is not there, and a target that stands there twice", async () => {
    const nobody = { provider_id: "0d7c1f6e-0000-4000-8000-000000000001", upstream_model: "a" };
    const twice = { provider_id: local, upstream_model: "a" };
    for (const targets of [[nobody], [twice, twice], []]) {
      await expect(createModel(ctx, { name: "none", price, targets })).rejects.toMatchObject({
        code: "invalid",
        fields: { targets: expect.any(String) },
      });
    }
  });
});

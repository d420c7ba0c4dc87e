import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
  openai = (await createProvider(ctx, { name: "openai", type: "openai", credentials: { apiKey: "sk" } })).id;
  const url = "http://127.0.0.1:8000/v1";
  local = (await createProvider(ctx, { name: "local", type: "openai-compatible", baseUrl: url })).id;
});
afterAll(async () => {
  await ctx.db.$client.end();
  await database.drop();
});

const price = { inputPerMtok: "1.5", outputPerMtok: "4" };

describe("createModel", () => {
  it("takes the catalogue's price and context window", async () => {
    const made = await createModel(ctx, {
      name: "gpt-4o-mini",
      aliases: ["mini", "mini", "gpt-4o-mini"],
      targets: [{ providerId: openai, upstreamModel: "gpt-4o-mini" }],
      maxOutputTokens: 16_384,
    });
    expect(made).toMatchObject({ contextWindow: 128_000, maxOutputTokens: 16_384, aliases: ["mini"] });
    const [row] = await database.sql`
      SELECT v.source, v.origin, v.rates, t.upstream_model, t.weight, t.priority, t.enabled
      FROM model_targets t JOIN price_versions v ON v.id = t.price_version_id WHERE t.model_id = ${made.id}`;
    expect(row).toEqual({
      source: "catalogue",
      origin: "genai-prices: openai/gpt-4o-mini",
      rates: { inputPerMtok: "0.15", outputPerMtok: "0.6", cacheReadPerMtok: "0.075" },
      upstream_model: "gpt-4o-mini",
      weight: 1,
      priority: 0,
      enabled: true,
    });
  });

  it("takes a price given by hand, for every target", async () => {
    const made = await createModel(ctx, {
      name: "own",
      price,
      targets: [
        { providerId: local, upstreamModel: "llama" },
        { providerId: openai, upstreamModel: "gpt-4o", priority: 1 },
      ],
    });
    expect(new Set(made.targets.map((target) => target.priceVersionId)).size).toBe(1);
    const [row] = await database.sql`
      SELECT source, origin, rates FROM price_versions WHERE id = ${made.targets[0]?.priceVersionId ?? ""}`;
    expect(row).toEqual({ source: "manual", origin: "by hand: system", rates: price });
  });

  it("asks for a price where the catalogue has none", async () => {
    const targets = [{ providerId: local, upstreamModel: "llama" }];
    await expect(createModel(ctx, { name: "unpriced", targets })).rejects.toMatchObject({
      code: "invalid",
      fields: { price: expect.stringContaining("give its rates") },
    });
  });

  it("writes an audit row in the same transaction", async () => {
    const made = await createModel(ctx, {
      name: "audited",
      price,
      targets: [{ providerId: local, upstreamModel: "a" }],
    });
    const [row] = await database.sql`SELECT * FROM audit_log WHERE subject_id = ${made.id}`;
    expect(row).toMatchObject({ action: "model.create", actor_id: "system", after: { name: "audited" } });
  });

  it("refuses a name or alias that another model has as either", async () => {
    const targets = [{ providerId: local, upstreamModel: "a" }];
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

  it("lets one of two win that want the same name at once", async () => {
    const targets = [{ providerId: local, upstreamModel: "a" }];
    const outcomes = await Promise.allSettled([
      createModel(ctx, { name: "race", price, targets }),
      createModel(ctx, { name: "other", aliases: ["race"], price, targets }),
    ]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("refuses a provider that is not there, and a target that stands there twice", async () => {
    const nobody = { providerId: "0d7c1f6e-0000-4000-8000-000000000001", upstreamModel: "a" };
    const twice = { providerId: local, upstreamModel: "a" };
    for (const targets of [[nobody], [twice, twice], []]) {
      await expect(createModel(ctx, { name: "none", price, targets })).rejects.toMatchObject({
        code: "invalid",
        fields: { targets: expect.any(String) },
      });
    }
  });
});

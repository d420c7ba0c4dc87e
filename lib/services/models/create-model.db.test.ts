import { describe, expect, test } from "vitest";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { rejection } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { createModel } from "./create-model";
import { targetProviders } from "./testing/target-providers";

const world = await worldOfFile();
const ctx = world.as(world.admin);
const { openai, local } = await targetProviders(ctx);

const price = { input_per_mtok: "1.50", output_per_mtok: "04" };

describe("createModel", () => {
  test("uses the catalogue's price and context window", async () => {
    const model = await createModel(ctx, {
      name: "gpt-4o-mini",
      aliases: ["mini", "mini", "gpt-4o-mini"],
      targets: [{ provider_id: openai, upstream_model: "gpt-4o-mini" }],
      max_output_tokens: 16_384,
    });
    expect(model).toMatchObject({
      context_window: 128_000,
      max_output_tokens: 16_384,
      aliases: ["mini"],
      price: {
        input_per_mtok: "0.15",
        output_per_mtok: "0.6",
        cache_read_per_mtok: "0.075",
        web_search_per_call: "0.01",
      },
      price_source: "catalogue",
    });
    const [row] = await world.db.$client`
      SELECT v.source, v.origin, v.rates, t.upstream_model, t.priority, t.enabled
      FROM model_targets t JOIN price_versions v ON v.id = t.price_version_id WHERE t.model_id = ${model.id}`;
    expect(row).toEqual({
      source: "catalogue",
      origin: "genai-prices: openai/gpt-4o-mini",
      rates: {
        inputPerMtok: "0.15",
        outputPerMtok: "0.6",
        cacheReadPerMtok: "0.075",
        webSearchPerCall: "0.01",
      },
      upstream_model: "gpt-4o-mini",
      priority: 0,
      enabled: true,
    });
  });

  test("applies a manual price to every target", async () => {
    const model = await createModel(ctx, {
      name: "own",
      price,
      targets: [
        { provider_id: local, upstream_model: "llama" },
        { provider_id: openai, upstream_model: "gpt-4o", priority: 1 },
      ],
    });
    expect(model).toMatchObject({
      price: { input_per_mtok: "1.5", output_per_mtok: "4" },
      price_source: "manual",
    });
    expect(model.targets.map((target) => target.provider_name)).toEqual(["local", "openai"]);
    expect(new Set(model.targets.map((target) => target.price_version_id)).size).toBe(1);
    const [row] = await world.db.$client`
      SELECT source, origin, rates FROM price_versions WHERE id = ${model.targets[0]?.price_version_id ?? ""}`;
    expect(row).toEqual({
      source: "manual",
      origin: "by hand: admin",
      rates: { inputPerMtok: "1.5", outputPerMtok: "4" },
    });
  });

  test("requires a price if the catalogue has none", async () => {
    const targets = [{ provider_id: local, upstream_model: "llama" }];
    await expect(createModel(ctx, { name: "unpriced", targets })).rejects.toMatchObject({
      code: "invalid",
      fields: { price: expect.stringContaining("Give its rates") },
    });
  });

  test("writes an audit row in the same transaction", async () => {
    const model = await createModel(ctx, {
      name: "audited",
      price,
      targets: [{ provider_id: local, upstream_model: "a" }],
    });
    const [row] = await world.db.$client`SELECT * FROM audit_log WHERE subject_id = ${model.id}`;
    expect(row).toMatchObject({
      action: "model.create",
      actor_id: world.admin.id,
      after: { name: "audited" },
    });
  });

  test("rejects a name or alias that another model has as either", async () => {
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
      ).rejects.toMatchObject(rejection("conflict", field));
    }
  });

  test("creates one of two models that want the same name at once", async () => {
    const targets = [{ provider_id: local, upstream_model: "a" }];
    const outcomes = await Promise.allSettled([
      createModel(ctx, { name: "race", price, targets }),
      createModel(ctx, { name: "other", aliases: ["race"], price, targets }),
    ]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("keeps targets of one priority in the given order, and has no single price if theirs differ", async () => {
    const models = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-5"];
    const model = await createModel(ctx, {
      name: "ordered",
      targets: models.map((upstream_model) => ({ provider_id: openai, upstream_model })),
    });
    expect(model.targets.map((target) => target.upstream_model)).toEqual(models);
    expect(model).toMatchObject({ price: null, price_source: null, context_window: 128_000 });
    const stored = await world.db.$client`
      SELECT upstream_model FROM model_targets WHERE model_id = ${model.id} ORDER BY priority, id`;
    expect(stored.map((row) => row.upstream_model)).toEqual(models);
  });

  test("takes a strategy and weights, and rejects others", async () => {
    const input = {
      name: "weighted",
      price,
      targets: [{ provider_id: local, upstream_model: "a", weight: 3 }],
    };
    const model = await createModel(ctx, { ...input, strategy: "weighted" });
    expect(model).toMatchObject({ strategy: "weighted", targets: [{ weight: 3 }] });
    await expect(createModel.handle(ctx, { ...input, strategy: "best" })).rejects.toMatchObject({
      code: "invalid",
      fields: { strategy: "Choose one of: priority, round_robin, weighted, least_latency, cheapest." },
    });
    const targets = [{ provider_id: local, upstream_model: "a", weight: 1.5 }];
    await expect(createModel(ctx, { name: "x", price, targets })).rejects.toMatchObject(
      rejection("invalid", "targets.0.weight"),
    );
  });

  test("a target's own price takes precedence over the model's, and null is the catalogue's", async () => {
    const own = { input_per_mtok: "7", output_per_mtok: "8" };
    const { targets } = await createModel(ctx, {
      name: "own-prices",
      price,
      targets: [
        { provider_id: openai, upstream_model: "gpt-4o", price: own },
        { provider_id: openai, upstream_model: "gpt-4o-mini", price: null },
        { provider_id: local, upstream_model: "a" },
      ],
    });
    expect(targets).toMatchObject([
      { price: own, price_source: "manual" },
      { price_source: "catalogue" },
      { price: { input_per_mtok: "1.5", output_per_mtok: "4" }, price_source: "manual" },
    ]);
  });

  test("names an unknown field", async () => {
    const input = { name: "x", targets: [{ provider_id: local, upstream_model: "a" }], colour: "red" };
    await expect(createModel(ctx, input)).rejects.toThrow("colour");
  });

  test("rejects an unknown provider, a duplicate target and no targets", async () => {
    const unknown = { provider_id: UNKNOWN_ID, upstream_model: "a" };
    const twice = { provider_id: local, upstream_model: "a" };
    for (const targets of [[unknown], [twice, twice], []]) {
      await expect(createModel(ctx, { name: "none", price, targets })).rejects.toMatchObject(
        rejection("invalid", "targets"),
      );
    }
  });
});

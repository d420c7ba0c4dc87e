import { describe, expect, test } from "vitest";
import { createModel } from "#lib/services/models/create-model";
import { getModel } from "#lib/services/models/get-model";
import { createProvider } from "#lib/services/providers/create-provider";
import { worldOfFile } from "#lib/services/testing/world";
import { importPrices } from "./import-prices";

const world = await worldOfFile();
const admin = world.as(world.admin);
const provider = async (name: string, base_url: string) =>
  (await createProvider(admin, { name, type: "openai-compatible", base_url })).id;
const openai = await provider("openai", "https://api.openai.com/v1");
const groq = await provider("fast", "https://api.groq.com/openai/v1");
const local = await provider("vllm", "http://127.0.0.1:8000/v1");

const entry = (inputPerMtok: number, outputPerMtok: number, more = {}) => ({
  input_cost_per_token: Number(`${inputPerMtok}e-6`),
  output_cost_per_token: Number(`${outputPerMtok}e-6`),
  mode: "chat",
  ...more,
});
const model = (name: string, provider_id: string, upstream_model: string, price?: object) =>
  createModel(admin, { name, targets: [{ provider_id, upstream_model }], ...price });
const count = async (table: string) =>
  Number((await world.db.$client`SELECT count(*) FROM ${world.db.$client(table)}`)[0]?.count);

describe("importing a catalogue", () => {
  test("rejects actors other than administrators", async () => {
    for (const actor of [world.orgAdmin, world.viewer, world.member]) {
      await expect(importPrices(world.as(actor), { m: entry(1, 2) })).rejects.toMatchObject({
        code: "forbidden",
      });
    }
  });

  test("updates catalogue prices at once, and keeps manual prices", async () => {
    const mini = await model("mini", openai, "gpt-4o-mini");
    const byHand = await model("by-hand", openai, "gpt-4o-mini", {
      price: { input_per_mtok: "7", output_per_mtok: "8" },
    });
    const unnamed = await model("unnamed", openai, "gpt-4o");
    const version = await world.routingVersion();
    const catalogue = {
      "gpt-4o-mini": entry(0.2, 0.8, { max_output_tokens: 16_384 }),
      "image-model": entry(1, 1, { output_cost_per_image: 0.04 }),
      sample_spec: { input_cost_per_token: "a float" },
    };
    expect(await importPrices(admin, catalogue)).toEqual({
      imported: 1,
      unchanged: 0,
      skipped: [
        { model: "image-model", reason: expect.stringContaining("output_cost_per_image") },
        { model: "sample_spec", reason: "explains the fields of the file and is not a model" },
      ],
      skipped_total: 2,
      models_updated: 1,
    });
    expect(await world.routingVersion()).toBeGreaterThan(version);
    expect(await getModel(admin, { id: mini.id })).toMatchObject({
      price: { input_per_mtok: "0.2", output_per_mtok: "0.8" },
      price_source: "imported",
      context_window: mini.context_window,
    });
    expect(await getModel(admin, { id: byHand.id })).toEqual(byHand);
    expect(await getModel(admin, { id: unnamed.id })).toEqual(unnamed);
    // The old version stays for the ledger rows that name it.
    const [old] = await world.db.$client`
      SELECT rates FROM price_versions WHERE id = ${mini.targets[0]?.price_version_id ?? ""}`;
    expect(old?.rates).toMatchObject({ inputPerMtok: "0.15" });
    expect((await world.auditOf("litellm")).at(-1)).toMatchObject({
      action: "prices.import",
      subjectType: "price",
      after: {
        imported: 1,
        models_updated: 1,
        repriced: [{ model: "mini", provider: "openai", upstream_model: "gpt-4o-mini" }],
      },
    });

    const versions = await count("price_versions");
    const audited = (await world.auditOf("litellm")).length;
    const routingVersion = await world.routingVersion();
    expect(await importPrices(admin, catalogue)).toMatchObject({
      imported: 0,
      unchanged: 1,
      models_updated: 0,
    });
    expect(await count("price_versions")).toBe(versions);
    expect(await world.auditOf("litellm")).toHaveLength(audited);
    expect(await world.routingVersion()).toBe(routingVersion);
  });

  test("takes precedence over the built-in catalogue for new models, limits included", async () => {
    await importPrices(admin, {
      "gpt-4.1": entry(3, 12, { max_input_tokens: 5000, max_output_tokens: 400 }),
      "own-model": entry(0.5, 0.5),
    });
    expect(await model("new", openai, "gpt-4.1")).toMatchObject({
      price: { input_per_mtok: "3", output_per_mtok: "12" },
      price_source: "imported",
      context_window: 5000,
      max_output_tokens: 400,
    });
    expect(await model("own", local, "own-model")).toMatchObject({ price_source: "imported" });
  });

  test("finds a model by its provider's name first", async () => {
    await importPrices(admin, {
      "groq/llama": entry(1, 1),
      llama: entry(2, 2),
      "vllm/llama": entry(3, 3),
    });
    expect(await model("at-groq", groq, "llama")).toMatchObject({ price: { input_per_mtok: "1" } });
    expect(await model("at-openai", openai, "llama")).toMatchObject({ price: { input_per_mtok: "2" } });
    expect(await model("at-vllm", local, "llama")).toMatchObject({ price: { input_per_mtok: "3" } });
  });

  test("keeps prices that a later file leaves out or cannot bill", async () => {
    await importPrices(admin, { kept: entry(1, 1), turned: entry(1, 1) });
    await importPrices(admin, { turned: entry(1, 1, { input_cost_per_image: 1 }) });
    expect(await model("kept", local, "kept")).toMatchObject({ price: { input_per_mtok: "1" } });
    expect(await model("turned", local, "turned")).toMatchObject({ price: { input_per_mtok: "1" } });
  });

  test("rejects input that is not a catalogue, and skips invalid names", async () => {
    const list: object = ["gpt-4o"];
    await expect(importPrices(admin, { ...list })).resolves.toMatchObject({ imported: 0, skipped_total: 1 });
    const name = "x".repeat(501);
    expect(await importPrices(admin, { [name]: entry(1, 1) })).toMatchObject({
      imported: 0,
      skipped_total: 1,
    });
    expect(await importPrices(admin, {})).toMatchObject({ imported: 0, unchanged: 0, skipped: [] });
  });

  test.each([
    ["a model's name", { "a\0b": entry(1, 1) }],
    ["an unpaired surrogate", { "a\ud800": entry(1, 1) }],
    ["a text of an entry", { "never-priced": { ...entry(1, 1), source: "a\0b" } }],
    ["a text deep in an entry", { "never-priced": { ...entry(1, 1), more: [{ texts: ["a\0b"] }] } }],
    ["a field of an entry that is skipped", { image: { "a\0b": 1 } }],
    ["the explanation", { sample_spec: { notes: "a\0b" } }],
  ])("rejects a whole file with text that cannot be stored: %s", async (_, file) => {
    await expect(importPrices(admin, { "imported-before": entry(1, 1), ...file })).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("U+0000"),
    });
    expect(await importPrices(admin, { "imported-before": entry(1, 1) })).toMatchObject({ imported: 1 });
    await world.db.$client`DELETE FROM imported_prices WHERE model = 'imported-before'`;
  });

  test("serializes with concurrent model creation, which never keeps an older price", async () => {
    const outcomes = await Promise.all([
      importPrices(admin, { raced: entry(5, 5), "gpt-4.1-mini": entry(5, 5) }),
      ...["r1", "r2", "r3"].map((name) => model(name, openai, "gpt-4.1-mini")),
    ]);
    expect(outcomes).toHaveLength(4);
    const rows = await world.db.$client`
      SELECT v.rates->>'inputPerMtok' AS rate FROM models m JOIN model_targets t ON t.model_id = m.id
      JOIN price_versions v ON v.id = t.price_version_id WHERE m.name IN ('r1', 'r2', 'r3')`;
    expect(rows.map((row) => row.rate)).toEqual(["5", "5", "5"]);
  });
});

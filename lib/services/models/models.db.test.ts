import { describe, expect, test } from "vitest";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { expectForAdministrators, expectUnknownIdRejected } from "#lib/services/testing/expect-rejected";
import { worldOfFile } from "#lib/services/testing/world";
import { createModel } from "./create-model";
import { deleteModel } from "./delete-model";
import { getModel } from "./get-model";
import { listModels } from "./list-models";
import { Model } from "./model";
import { targetProviders } from "./testing/target-providers";
import { updateModel } from "./update-model";

const world = await worldOfFile();
const admin = world.as(world.admin);
const { openai, local } = await targetProviders(admin);

const price = { input_per_mtok: "1.5", output_per_mtok: "4" };
const MINI = { input_per_mtok: "0.15", output_per_mtok: "0.6", cache_read_per_mtok: "0.075" };
let created = 0;
const makeMini = () =>
  createModel(admin, {
    name: `mini-${++created}`,
    targets: [{ provider_id: openai, upstream_model: "gpt-4o-mini" }],
  });
const makeLocal = () =>
  createModel(admin, {
    name: `local-${++created}`,
    price,
    targets: [{ provider_id: local, upstream_model: "llama" }],
  });

describe("reading models", () => {
  test("is for everyone: names, targets and prices", async () => {
    const model = await makeMini();
    expect(Model.parse(model)).toEqual(model);
    for (const actor of [world.admin, world.orgAdmin, world.viewer, world.member, world.stray]) {
      expect(await getModel(world.as(actor), { id: model.id })).toEqual(model);
      expect((await listModels(world.as(actor), { limit: 1 })).data).toEqual([model]);
    }
  });

  test("pages, newest first", async () => {
    const ids = [(await makeMini()).id, (await makeLocal()).id].reverse();
    const first = await listModels(admin, { limit: 1 });
    const second = await listModels(admin, { limit: 1, cursor: first.next_cursor ?? undefined });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
  });

  test("finds no unknown or malformed id", async () => {
    await expectUnknownIdRejected((id) => [
      () => getModel(admin, { id }),
      () => updateModel(admin, { id }),
      () => deleteModel(admin, { id }),
    ]);
  });
});

describe("how long a target may take, and how much its provider allows", () => {
  const limits = {
    connect_timeout_ms: 500,
    timeout_ms: 2_000,
    idle_timeout_ms: 10_000,
    max_concurrent: 20,
    requests_per_minute: 600,
    tokens_per_minute: 1_000_000,
    context_window: 200_000,
  };
  const none = Object.fromEntries(Object.keys(limits).map((name) => [name, null]));

  test("is stored with the target, and stays when other fields change", async () => {
    const model = await createModel(admin, {
      name: `limited-${++created}`,
      retries: 3,
      hedge_after_ms: 500,
      targets: [
        { provider_id: openai, upstream_model: "gpt-4o-mini", ...limits },
        { provider_id: openai, upstream_model: "gpt-4o", priority: 1 },
      ],
    });
    expect(model).toMatchObject({ retries: 3, hedge_after_ms: 500, targets: [limits, none] });
    const repriced = await updateModel(admin, { id: model.id, price, retries: 0 });
    expect(repriced).toMatchObject({ retries: 0, hedge_after_ms: 500, targets: [limits, none] });
    expect(await getModel(admin, { id: model.id })).toEqual(repriced);
    const unhedged = await updateModel(admin, { id: model.id, hedge_after_ms: null });
    expect(unhedged).toEqual({ ...repriced, hedge_after_ms: null });
  });

  test("is no bound without them, and a target is tried again once", async () => {
    expect(await makeMini()).toMatchObject({ retries: 1, hedge_after_ms: null, targets: [none] });
  });
});

describe("changing a model", () => {
  test("is for administrators", async () => {
    const { id } = await makeMini();
    await expectForAdministrators(world, (ctx) => [
      () => updateModel(ctx, { id, enabled: false }),
      () => deleteModel(ctx, { id }),
    ]);
  });

  test("changes only the given fields, raises the routing version and audits it", async () => {
    const model = await makeMini();
    const version = await world.routingVersion();
    const change = {
      aliases: ["tiny-one"],
      context_window: 4096,
      enabled: false,
      max_output_tokens: 99,
    };
    const after = await updateModel(admin, { id: model.id, ...change });
    expect(after).toEqual({ ...model, ...change });
    expect(await world.routingVersion()).toBeGreaterThan(version);
    expect((await world.auditOf(model.id)).at(-1)).toMatchObject({
      action: "model.update",
      subjectType: "model",
      actorId: world.admin.id,
      before: { aliases: [], enabled: true },
      after: { aliases: ["tiny-one"], enabled: false },
    });
  });

  test("writes nothing if nothing changes", async () => {
    const model = await makeMini();
    const version = await world.routingVersion();
    const target = { provider_id: openai, upstream_model: "gpt-4o-mini" };
    await updateModel(admin, { id: model.id, name: model.name, targets: [target], price: null });
    expect(await world.auditOf(model.id)).toHaveLength(1);
    expect(await world.routingVersion()).toBe(version);
  });

  test("replaces targets as a whole", async () => {
    const { id } = await makeMini();
    const targets = [
      { provider_id: openai, upstream_model: "gpt-4o", priority: 1 },
      { provider_id: openai, upstream_model: "gpt-4.1" },
    ];
    const after = await updateModel(admin, { id, targets });
    expect(after.targets).toMatchObject([
      { upstream_model: "gpt-4.1", priority: 0, price: { input_per_mtok: "2" } },
      { upstream_model: "gpt-4o", priority: 1, price: { input_per_mtok: "2.5" } },
    ]);
    expect(after).toMatchObject({ price: null, price_source: null });
    expect((await getModel(admin, { id })).targets).toEqual(after.targets);
  });

  test("keeps a manual price for new targets, and returns to the catalogue's", async () => {
    const { id } = await makeLocal();
    const targets = [
      { provider_id: openai, upstream_model: "gpt-4o-mini" },
      { provider_id: local, upstream_model: "llama" },
    ];
    const both = await updateModel(admin, { id, targets });
    expect(both).toMatchObject({ price, price_source: "manual" });
    await expect(updateModel(admin, { id, price: null })).rejects.toMatchObject({
      code: "invalid",
      fields: { price: expect.stringContaining('No catalogue has a price for "llama" at local') },
    });
    expect(await getModel(admin, { id })).toEqual(both);
    const one = await updateModel(admin, { id, price: null, targets: targets.slice(0, 1) });
    expect(one).toMatchObject({ price: MINI, price_source: "catalogue" });
    const other = { input_per_mtok: "9", output_per_mtok: "9.00" };
    expect(await updateModel(admin, { id, price: other })).toMatchObject({
      price: { input_per_mtok: "9", output_per_mtok: "9" },
      price_source: "manual",
    });
  });

  test("returns limits to the catalogue", async () => {
    const { id } = await makeMini();
    expect(await updateModel(admin, { id, context_window: 10 })).toMatchObject({ context_window: 10 });
    expect(await updateModel(admin, { id, context_window: null })).toMatchObject({ context_window: 128_000 });
    const unknown = await makeLocal();
    await updateModel(admin, { id: unknown.id, context_window: 10, max_output_tokens: 5 });
    expect(
      await updateModel(admin, { id: unknown.id, context_window: null, max_output_tokens: null }),
    ).toMatchObject({ context_window: null, max_output_tokens: null });
  });

  test("rejects a name or alias of another model, names the clash, and accepts its own", async () => {
    const [one, two] = [await makeMini(), await makeLocal()];
    await updateModel(admin, { id: one.id, aliases: ["uno"] });
    await expect(updateModel(admin, { id: two.id, name: "uno" })).rejects.toMatchObject({
      code: "conflict",
      message: `"uno" is already an alias of the model "${one.name}".`,
      fields: { name: expect.any(String) },
    });
    await expect(updateModel(admin, { id: two.id, aliases: ["x", one.name] })).rejects.toMatchObject({
      code: "conflict",
      message: `A model named "${one.name}" already exists.`,
      fields: { aliases: expect.any(String) },
    });
    expect(await updateModel(admin, { id: one.id, name: "uno", aliases: [one.name, "uno"] })).toMatchObject({
      name: "uno",
      aliases: [one.name],
    });
  });

  test("keeps the old targets if a new one is rejected", async () => {
    const model = await makeMini();
    const unknown = { provider_id: UNKNOWN_ID, upstream_model: "a" };
    await expect(updateModel(admin, { id: model.id, targets: [unknown] })).rejects.toMatchObject({
      fields: { targets: "Provider not found." },
    });
    await expect(updateModel(admin, { id: model.id, targets: [] })).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await getModel(admin, { id: model.id })).toEqual(model);
  });
});

describe("deleting a model", () => {
  test("deletes it with its targets, raises the routing version and audits it", async () => {
    const model = await makeMini();
    const version = await world.routingVersion();
    await deleteModel(admin, { id: model.id });
    await expect(getModel(admin, { id: model.id })).rejects.toMatchObject({ code: "not_found" });
    expect(await world.routingVersion()).toBeGreaterThan(version);
    expect((await world.auditOf(model.id)).at(-1)).toMatchObject({
      action: "model.delete",
      before: { name: model.name, targets: [{ upstream_model: "gpt-4o-mini" }] },
    });
  });
});

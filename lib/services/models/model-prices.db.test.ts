import { describe, expect, test } from "vitest";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { worldOfFile } from "#lib/services/testing/world";
import { createModel } from "./create-model";
import { listModelPrices } from "./list-model-prices";
import { targetProviders } from "./testing/target-providers";
import { updateModel } from "./update-model";

const world = await worldOfFile();
const admin = world.as(world.admin);
const { openai, local } = await targetProviders(admin);
const price = (input: string) => ({ input_per_mtok: input, output_per_mtok: "4" });
const targets = [{ provider_id: openai, upstream_model: "gpt-4o-mini" }];
let created = 0;
const newModel = () => createModel(admin, { name: `priced-${++created}`, targets });
const history = async (id: string) =>
  (await listModelPrices(world.as(world.viewer), { id })).data.map(
    ({ provider_name, price_source, price: { input_per_mtok } }) =>
      `${provider_name} ${price_source} ${input_per_mtok}`,
  );

describe("the prices of a model", () => {
  test("are kept with their sources and since when, newest first", async () => {
    const { id } = await newModel();
    await updateModel(admin, { id, price: price("1") });
    await updateModel(admin, { id, price: price("2") });
    await updateModel(admin, { id, price: null });
    expect(await history(id)).toEqual([
      "openai catalogue 0.15",
      "openai manual 2",
      "openai manual 1",
      "openai catalogue 0.15",
    ]);
    const { data } = await listModelPrices(admin, { id });
    expect(data[0]?.until).toBeNull();
    for (const [index, { since }] of data.entries()) {
      if (index > 0) expect(data[index]?.until).toBe(data[index - 1]?.since);
      expect(Date.parse(since)).toBeGreaterThan(Date.now() - 600_000);
    }
  });

  test("do not change with the rest of the model", async () => {
    const { id } = await newModel();
    await updateModel(admin, {
      id,
      targets: [{ ...targets[0], weight: 2, upstream_model: "gpt-4o-mini", provider_id: openai }],
    });
    await updateModel(admin, { id, retries: 3 });
    expect(await history(id)).toEqual(["openai catalogue 0.15"]);
  });

  test("are of each target, and come in pages", async () => {
    const { id } = await newModel();
    const second = { provider_id: local, upstream_model: "llama", price: price("3") };
    await updateModel(admin, { id, targets: [...targets, second] });
    expect(await history(id)).toEqual(["local manual 3", "openai catalogue 0.15"]);
    const first = await listModelPrices(admin, { id, limit: 1 });
    const next = await listModelPrices(admin, { id, limit: 1, cursor: first.next_cursor ?? undefined });
    expect([...first.data, ...next.data].map(({ provider_name }) => provider_name)).toEqual([
      "local",
      "openai",
    ]);
    expect(next.next_cursor).toBeNull();
  });

  test("are not of a model that does not exist", async () => {
    await expect(listModelPrices(admin, { id: UNKNOWN_ID })).rejects.toMatchObject({ code: "not_found" });
  });
});

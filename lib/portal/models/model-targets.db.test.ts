import { expect, test } from "vitest";
import { targetStates } from "#lib/db/schema/routing";
import { createModel } from "#lib/services/models/create-model";
import { worldOfFile } from "#lib/services/testing/world";
import { modelTargets } from "./model-targets";

const world = await worldOfFile();

test("says since when a target has its price, and to administrators only whether it is down", async () => {
  const { id } = await world.addProvider("p");
  const admin = world.as(world.admin);
  const price = { input_per_mtok: "1", output_per_mtok: "2" };
  const targets = ["first", "second"].map((upstream) => ({ provider_id: id, upstream_model: upstream }));
  const model = await createModel(admin, { name: "m", targets, price });
  const now = new Date();
  await world.db.insert(targetStates).values({
    providerId: id,
    credentialId: "one of two",
    upstreamModel: "second",
    openedAt: now,
    probeAfter: now,
    trips: 1,
    reason: "HTTP 500",
  });
  const seen = async (ctx: typeof admin) =>
    (await modelTargets(ctx, model)).map(({ upstream_model, down }) => [upstream_model, down]);
  expect(await seen(admin)).toEqual([
    ["first", false],
    ["second", true],
  ]);
  for (const actor of [world.orgAdmin, world.member, world.viewer]) {
    expect(await seen(world.as(actor))).toEqual([
      ["first", null],
      ["second", null],
    ]);
  }
  const [{ price_since } = { price_since: null }] = await modelTargets(admin, model);
  expect(Math.abs(Date.parse(price_since ?? "") - now.getTime())).toBeLessThan(60_000);
});

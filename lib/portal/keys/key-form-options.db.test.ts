import { expect, test } from "vitest";
import { providers } from "#lib/db/schema/routing";
import { worldOfFile } from "#lib/services/testing/world";
import { keyFormOptions } from "./key-form-options";

const world = await worldOfFile();

test("offers each role its own organizations and providers", async () => {
  const [provider] = await world.db
    .insert(providers)
    .values({ name: "upstream", type: "simulated" })
    .returning();
  expect(await keyFormOptions(world.as(world.viewer))).toBeNull();
  expect(await keyFormOptions(world.as(world.stray))).toBeNull();
  const forMember = await keyFormOptions(world.as(world.member));
  expect(forMember).toMatchObject({
    organizations: [{ name: "A" }],
    models: ["large", "small"],
    providers: [],
  });
  const forOrgAdmin = await keyFormOptions(world.as(world.orgAdmin));
  expect(forOrgAdmin?.organizations.map((each) => each.name)).toEqual(["A"]);
  expect(forOrgAdmin?.providers).toEqual([]);
  const forAdmin = await keyFormOptions(world.as(world.admin));
  expect(forAdmin?.organizations.map((each) => each.name)).toEqual(["A", "B"]);
  expect(forAdmin?.providers).toEqual([{ id: provider?.id, name: "upstream" }]);
});

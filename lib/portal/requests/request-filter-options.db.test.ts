import { expect, test } from "vitest";
import { worldOfFile } from "#lib/services/testing/world";
import { requestFilterOptions } from "./request-filter-options";

const world = await worldOfFile();

test("offers the models, keys and organizations that the actor may see", async () => {
  await world.addUsage({ model: "large" });
  await world.addUsage({ organizationId: world.b.id, model: "secret-model-of-b" });
  expect(await requestFilterOptions(world.as(world.orgAdmin))).toMatchObject({
    models: ["large"],
    organizations: [],
  });
  const forMember = await requestFilterOptions(world.as(world.member));
  expect(forMember).toEqual({
    models: [],
    endpoints: expect.arrayContaining(["chat/completions", "completions"]),
    keys: [expect.objectContaining({ name: "a-member" })],
    organizations: [],
  });
  const forAdmin = await requestFilterOptions(world.as(world.admin));
  expect(forAdmin.models).toEqual(["large", "secret-model-of-b"]);
  expect(forAdmin.organizations.map((each) => each.name)).toEqual(["A", "B"]);
  expect(JSON.stringify(forAdmin)).not.toMatch(/hash/i);
});

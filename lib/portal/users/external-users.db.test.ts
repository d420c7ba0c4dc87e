import { beforeAll, describe, expect, test } from "vitest";
import { worldOfFile } from "#lib/services/testing/world";
import { createUser } from "#lib/services/users/create-user";
import { externalIdIn, externalUsers } from "./external-users";

const world = await worldOfFile();
beforeAll(async () => {
  for (const [external_id, organization_id] of [
    ["only", world.b.id],
    ["both", world.b.id],
    ["both", world.a.id],
  ] as const)
    await createUser(world.as(world.admin), { external_id, organization_id });
});

describe("users by the id that another system has for them", () => {
  test.each([
    ["external_id:emp-17", "emp-17"],
    ["external_id%3Aemp%2017%2Fa", "emp 17/a"],
    ["external_id:50%", "50%"],
    ["external_id:", null],
    ["external_id:%C3%A4", null],
    ["emp-17", null],
  ])("%s names %j", (segment, externalId) => {
    expect(externalIdIn(segment)).toBe(externalId);
  });

  test("are those that the actor may see, by their organizations", async () => {
    const found = async (id: string, actor = world.admin) =>
      (await externalUsers(world.as(actor), id)).map(({ organization }) => organization);
    expect(await found("both")).toEqual(["A", "B"]);
    expect(await found("only")).toEqual(["B"]);
    expect(await found("Both")).toEqual([]);
    expect(await found("both", world.orgAdmin)).toEqual(["A"]);
    expect(await found("only", world.orgAdmin)).toEqual([]);
    expect(await found("both", world.member)).toEqual([]);
  });
});

import { expect, test } from "vitest";
import { worldOfFile } from "#lib/services/testing/world";
import { userLabel } from "./user-label";

const world = await worldOfFile();

test("names a user that the actor may see, and no other", async () => {
  expect(await userLabel(world.as(world.admin), world.member.id)).toBe("member");
  expect(await userLabel(world.as(world.orgAdmin), world.member.id)).toBe("member");
  expect(await userLabel(world.as(world.orgAdminOfB), world.member.id)).toBeNull();
});

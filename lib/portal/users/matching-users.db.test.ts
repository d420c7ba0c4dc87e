import { expect, test } from "vitest";
import { users } from "#lib/db/schema/identity";
import { worldOfFile } from "#lib/services/testing/world";
import { matchingUsers } from "./matching-users";

const world = await worldOfFile();

test("counts the users that match and that the actor sees, up to a thousand", async () => {
  const add = (most: number) =>
    world.db.insert(users).values(
      Array.from({ length: most }, (_, at) => ({
        email: `${at}-of-${most}@matching.example`,
        role: "member" as const,
        organizationId: at % 2 === 0 ? world.a.id : world.b.id,
      })),
    );
  const count = (actor = world.admin) => matchingUsers(world.as(actor), { search: "matching.example" });
  await add(200);
  expect([await count(), await count(world.orgAdmin), await count(world.member)]).toEqual([200, 100, 0]);
  await add(800);
  expect(await count()).toBe(1000);
  await add(1);
  expect(await count()).toBeNull();
});

import { describe, expect, test } from "vitest";
import { organizations } from "#lib/db/schema/identity";
import { type World, worldOfFile } from "#lib/services/testing/world";
import { firstRow } from "#lib/testing/first-row";
import { MOST_CHOICES } from "./most-choices";
import { organizationChoices } from "./organization-choices";

const world = await worldOfFile();

const names = async (actor: World["admin"], selected?: string) =>
  (await organizationChoices(world.as(actor), selected)).map(({ name }) => name);

describe("the organizations of a form or filter", () => {
  test("are sorted: all for administrators, their own for others", async () => {
    expect(await names(world.admin)).toEqual(["A", "B"]);
    expect(await names(world.orgAdminOfB)).toEqual(["B"]);
    expect(await names(world.member)).toEqual(["A"]);
    expect(await names(world.stray)).toEqual([]);
  });

  test("do not tell others whether an organization exists", async () => {
    expect(await names(world.orgAdminOfB, world.a.id)).toEqual(["B"]);
  });

  test("are the first ones, with the current one", async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ name: `M${String(index).padStart(2, "0")}` }));
    await world.db.insert(organizations).values(many);
    const last = firstRow(await world.db.insert(organizations).values({ name: "Z" }).returning());
    const first = await names(world.admin);
    expect(first).toHaveLength(MOST_CHOICES);
    expect(await names(world.admin, world.b.id)).toEqual(first);
    expect(await names(world.admin, last.id)).toEqual([...first, "Z"]);
  });
});

import { describe, expect, test } from "vitest";
import { apps } from "#lib/db/schema/identity";
import { worldOfFile } from "#lib/services/testing/world";
import { findAnything } from "./find-anything";

const world = await worldOfFile();
const [app] = await world.db
  .insert(apps)
  .values({
    name: "member portal",
    externalId: "mp",
    organizationId: world.a.id,
    secretHash: Buffer.from("x"),
  })
  .returning({ id: apps.id });

async function find(search: string, actor = world.admin) {
  const { data } = await findAnything(world.as(actor), { search });
  return data.map(({ kind, id }) => [kind, id]);
}

describe("a search for anything", () => {
  test("finds by a part of a name, and tells equal names apart", async () => {
    const { data } = await findAnything(world.as(world.admin), { search: "MEMBER" });
    expect(data).toContainEqual({
      kind: "user",
      id: world.member.id,
      name: world.member.name,
      detail: expect.stringContaining("@"),
    });
    expect(data).toContainEqual({ kind: "app", id: app?.id, name: "member portal", detail: "mp" });
    for (const { id, detail } of data.filter(({ kind }) => kind === "api_key"))
      expect([id, detail]).toEqual([expect.any(String), expect.stringMatching(/…$/)]);
  });

  test.each([
    ["organization", () => world.a.id],
    ["user", () => world.other.id],
    ["api_key", () => world.a.memberKey],
    ["app", () => app?.id ?? ""],
  ] as const)("finds a %s by its id", async (kind, idOf) => {
    expect(await find(idOf())).toEqual([[kind, idOf()]]);
    expect(await find(idOf(), world.orgAdminOfB)).toEqual([]);
  });

  test("shows each actor their own alone", async () => {
    expect(await find("member", world.orgAdminOfB)).toEqual([]);
    const own = await find("member", world.member);
    expect(own.filter(([kind]) => kind === "user")).toEqual([["user", world.member.id]]);
    expect(own.filter(([kind]) => kind === "app")).toEqual([]);
    expect(await find(world.other.id, world.member)).toEqual([]);
  });

  test("takes no wildcards", async () => {
    expect(await find("%")).toEqual([]);
    expect(await find("_e_b_r")).toEqual([]);
  });
});

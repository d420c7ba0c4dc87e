import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { organizations } from "#lib/db/schema/identity";
import { oidcOrganization } from "#lib/db/schema/installation";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { worldOfFile } from "#lib/services/testing/world";
import { firstRow } from "#lib/testing/first-row";
import { readOidcOrganization, resolveOidcOrganization } from "./oidc-organization";

const world = await worldOfFile();
const { db } = world;
let count = 0;
/** A name that no organization has. */
let name = "";

beforeEach(async () => {
  name = `Organization ${++count}`;
  await db.delete(oidcOrganization);
});

const create = async (of = name) =>
  firstRow(await db.insert(organizations).values({ name: of }).returning({ id: organizations.id })).id;
const rename = (id: string, to: string) => updateOrganization(world.as(world.admin), { id, name: to });
const atStart = (setting: string) => resolveOidcOrganization(db, setting);
const atSignIn = (setting: string) => db.transaction((tx) => readOidcOrganization(tx, setting));

describe("the organization of OIDC_ORGANIZATION", () => {
  test("is found by name once, whatever is renamed later", async () => {
    const id = await create();
    expect(await atStart(name)).toEqual({ found: true, id });
    await rename(id, "Its new name");
    await rename(world.b.id, name);
    for (const find of [atStart, atSignIn]) expect(await find(name)).toEqual({ found: true, id });
  });

  test("is found by id once, and a UUID is never a name", async () => {
    const id = await create();
    const impostor = await create(id);
    expect(impostor).not.toBe(id);
    for (const find of [atStart, atSignIn]) expect(await find(id)).toEqual({ found: true, id });
    const unknown = "01890000-0000-7000-8000-000000000000";
    await create(unknown);
    expect(await atStart(unknown)).toEqual({ found: false, reason: "missing", ids: [] });
    expect(await atStart(id.toUpperCase())).toEqual({ found: true, id });
  });

  test("is found anew when the setting changes, also back", async () => {
    const [one, other] = [await create(), await create(`${name} (other)`)];
    expect(await atStart(name)).toEqual({ found: true, id: one });
    expect(await atStart(`${name} (other)`)).toEqual({ found: true, id: other });
    await rename(one, "Something else");
    const third = await create();
    expect(await atStart(name)).toEqual({ found: true, id: third });
  });

  test("of several with its name is none, until one has been found", async () => {
    const ids = [await create(), await create()];
    expect(await atStart(name)).toEqual({ found: false, reason: "ambiguous", ids });
    expect(await atSignIn(name)).toEqual({ found: false, reason: "ambiguous", ids });
    await rename(String(ids[1]), "Not that one");
    expect(await atStart(name)).toEqual({ found: true, id: ids[0] });
    await create();
    expect(await atStart(name)).toEqual({ found: true, id: ids[0] });
  });

  test("that was deleted is not replaced by another with its name", async () => {
    const id = await create();
    await atStart(name);
    await db.delete(organizations).where(eq(organizations.id, id));
    await create();
    for (const find of [atStart, atSignIn]) {
      expect(await find(name)).toEqual({ found: false, reason: "deleted", ids: [id] });
    }
  });

  test("that is created after the start is found by the first sign-in", async () => {
    expect(await atStart(name)).toEqual({ found: false, reason: "missing", ids: [] });
    expect(await atSignIn(name)).toEqual({ found: false, reason: "missing", ids: [] });
    const id = await create();
    expect(await atSignIn(name)).toEqual({ found: true, id });
    await create();
    expect(await atSignIn(name)).toEqual({ found: true, id });
  });

  test("may have been renamed before it is first looked for", async () => {
    const id = await create("Another");
    await rename(id, name);
    expect(await atStart(name)).toEqual({ found: true, id });
  });

  test.each([
    ["start", atStart],
    ["sign-in", atSignIn],
  ])("is none that took the name after a %s that missed it, as an org_admin may", async (_, first) => {
    expect(await first(name)).toEqual({ found: false, reason: "missing", ids: [] });
    await rename(await create("Another"), name);
    for (const find of [atSignIn, atStart]) {
      expect(await find(name)).toEqual({ found: false, reason: "missing", ids: [] });
    }
    const id = await create();
    expect(await atStart(name)).toEqual({ found: true, id });
  });

  test("of a setting that changed without a start is found by the first sign-in, by the same rules", async () => {
    await create();
    await atStart(name);
    const setting = `${name} (new)`;
    await rename(world.b.id, setting);
    expect(await atSignIn(setting)).toMatchObject({ found: false });
    const id = await create(setting);
    expect(await atSignIn(setting)).toEqual({ found: true, id });
    await create(setting);
    expect(await atSignIn(setting)).toEqual({ found: true, id });
  });

  test("is found once by replicas that start together", async () => {
    const id = await create();
    const found = await Promise.all(Array.from({ length: 6 }, () => atStart(name)));
    expect(found).toEqual(Array(6).fill({ found: true, id }));
  });
});

import { describe, expect, test } from "vitest";
import { readCaller } from "#lib/auth/caller";
import { metadataSets } from "#lib/db/schema/credit";
import { createApp } from "./apps/create-app";
import { getApp } from "./apps/get-app";
import { listApps } from "./apps/list-apps";
import { updateApp } from "./apps/update-app";
import { createKey } from "./keys/create-key";
import { getKey } from "./keys/get-key";
import { listKeys } from "./keys/list-keys";
import { updateKey } from "./keys/update-key";
import { createOrganization } from "./organizations/create-organization";
import { getOrganization } from "./organizations/get-organization";
import { listOrganizations } from "./organizations/list-organizations";
import { updateOrganization } from "./organizations/update-organization";
import { hashSecret } from "./testing/context";
import { expectForbidden } from "./testing/rejection";
import { worldOfFile } from "./testing/world";
import { createUser } from "./users/create-user";
import { getUser } from "./users/get-user";
import { listUsers } from "./users/list-users";
import { updateUser } from "./users/update-user";

const world = await worldOfFile();
const admin = world.as(world.admin);
const organization_id = world.a.id;
type Pairs = Record<string, string>;
let users = 0;

const NOUNS = {
  organization: {
    create: (metadata?: Pairs) => createOrganization(admin, { name: "New", metadata }),
    update: (id: string, metadata?: Pairs) => updateOrganization(admin, { id, name: "Newer", metadata }),
    get: (id: string) => getOrganization(admin, { id }),
    list: (metadata: Pairs) => listOrganizations(admin, { metadata }),
  },
  user: {
    create: (metadata?: Pairs) =>
      createUser(admin, { email: `${++users}@example.com`, organization_id, metadata }),
    update: (id: string, metadata?: Pairs) => updateUser(admin, { id, name: "Newer", metadata }),
    get: (id: string) => getUser(admin, { id }),
    list: (metadata: Pairs) => listUsers(admin, { metadata }),
  },
  key: {
    create: (metadata?: Pairs) => createKey(admin, { name: "New", organization_id, metadata }),
    update: (id: string, metadata?: Pairs) => updateKey(admin, { id, name: "Newer", metadata }),
    get: (id: string) => getKey(admin, { id }),
    list: (metadata: Pairs) => listKeys(admin, { metadata }),
  },
  app: {
    create: (metadata?: Pairs) => createApp(admin, { name: "New", organization_id, metadata }),
    update: (id: string, metadata?: Pairs) => updateApp(admin, { id, name: "Newer", metadata }),
    get: (id: string) => getApp(admin, { id }),
    list: (metadata: Pairs) => listApps(admin, { metadata }),
  },
};

describe.each(Object.entries(NOUNS))("the metadata of one %s", (noun, { create, update, get, list }) => {
  test("are kept until they are replaced", async () => {
    const { id, metadata } = await create({ team: noun, constructor: "x" });
    expect(metadata).toEqual({ team: noun, constructor: "x" });
    expect((await update(id)).metadata).toEqual(metadata);
    expect((await update(id, { team: "ads" })).metadata).toEqual({ team: "ads" });
    expect((await get(id)).metadata).toEqual({ team: "ads" });
    const audited = (await world.auditOf(id)).at(-1);
    expect(audited).toMatchObject({ before: { metadata }, after: { metadata: { team: "ads" } } });
    expect((await create()).metadata).toEqual({});
  });

  test("find it in its list", async () => {
    const { id } = await create({ team: `list of ${noun}`, env: "prod" });
    await create({ team: `list of ${noun}`, env: "test" });
    const ids = async (wanted: Pairs) => (await list(wanted)).data.map((row) => row.id);
    expect(await ids({ team: `list of ${noun}` })).toHaveLength(2);
    expect(await ids({ team: `list of ${noun}`, env: "prod" })).toEqual([id]);
    expect(await ids({ team: "list" })).toEqual([]);
    expect(await ids({ env: `list of ${noun}` })).toEqual([]);
  });
});

describe("who may set metadata", () => {
  test("of an organization: administrators of the installation only", async () => {
    const change = { id: organization_id, metadata: { team: "x" } };
    await expectForbidden(() => updateOrganization(world.as(world.orgAdmin), change));
  });

  test("of a key: its organization's administrators, not the member who owns it", async () => {
    const member = world.as(world.member);
    const owned = { name: "mine", user_id: world.member.id };
    await expectForbidden(() => createKey(member, { ...owned, metadata: { team: "x" } }));
    await expectForbidden(() => updateKey(member, { id: world.a.memberKey, metadata: { team: "x" } }));
    const ours = await createKey(world.as(world.orgAdmin), { ...owned, metadata: { team: "x" } });
    expect((await updateKey(member, { id: ours.id, name: "still mine" })).metadata).toEqual({ team: "x" });
  });
});

describe("the metadata of a caller", () => {
  const setOf = async (key: string) => {
    const finding = await readCaller(world.db.$client, hashSecret, { kind: "key", key });
    if (!finding.found) throw new Error(finding.reason);
    const sets = await world.db.select().from(metadataSets);
    const { metadataId } = finding.caller;
    return metadataId === null ? null : sets.find(({ id }) => id === metadataId)?.pairs;
  };

  test("are its key's, then its user's, then its organization's; kept once for all that are equal", async () => {
    const org = await createOrganization(admin, { name: "O", metadata: { a: "org", b: "org", c: "org" } });
    const user = await createUser(admin, {
      email: "merge@example.com",
      organization_id: org.id,
      metadata: { b: "user", c: "user" },
    });
    const first = await createKey(admin, { name: "1", user_id: user.id, metadata: { c: "key" } });
    const second = await createKey(admin, { name: "2", user_id: user.id, metadata: { c: "key" } });
    expect(await setOf(first.key)).toEqual({ a: "org", b: "user", c: "key" });
    const before = await world.db.$count(metadataSets);
    expect(await setOf(second.key)).toEqual({ a: "org", b: "user", c: "key" });
    expect(await world.db.$count(metadataSets)).toBe(before);
    await updateUser(admin, { id: user.id, metadata: {} });
    expect(await setOf(first.key)).toEqual({ a: "org", b: "org", c: "key" });
  });

  test("are an app's, then those of the user that it names", async () => {
    const app = await createApp(admin, {
      name: "A",
      organization_id,
      external_id: "meta",
      metadata: { a: "app" },
    });
    await createUser(admin, {
      email: "named@example.com",
      organization_id,
      external_id: "oid-1",
      metadata: { a: "user", b: "user" },
    });
    const credentials = { kind: "app", secret: app.secret, appId: "meta", userOid: "oid-1" } as const;
    const finding = await readCaller(world.db.$client, hashSecret, credentials);
    const id = finding.found ? finding.caller.metadataId : null;
    const [set] = (await world.db.select().from(metadataSets)).filter((each) => each.id === id);
    expect(set?.pairs).toEqual({ a: "app", b: "user" });
  });

  test("are none without any", async () => {
    const { key } = await createKey(admin, { name: "none", organization_id });
    expect(await setOf(key)).toBeNull();
  });
});

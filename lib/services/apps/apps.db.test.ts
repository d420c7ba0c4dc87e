import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { ledger } from "#lib/db/schema/credit";
import { apps, auditLog } from "#lib/db/schema/identity";
import { hashSecret } from "#lib/services/testing/context";
import { createWorld, type World } from "#lib/services/testing/world";
import type { NewApp } from "./app";
import { appUsage } from "./app-usage";
import { createApp } from "./create-app";
import { deleteApp } from "./delete-app";
import { getApp } from "./get-app";
import { listApps } from "./list-apps";
import { rotateApp } from "./rotate-app";
import { updateApp } from "./update-app";

const NOBODYS = "00000000-0000-4000-8000-000000000000";
let world: World;
/** Of organization A, made afresh for each test. */
let app: NewApp;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.drop());
beforeEach(async () => {
  const external_id = `crm-${++count}`;
  app = await createApp(world.as(world.admin), { name: "CRM", organization_id: world.a.id, external_id });
});

const rowOf = async (id: string) => {
  const [row] = await world.db.select().from(apps).where(eq(apps.id, id));
  if (row === undefined) throw new Error("no such app");
  return row;
};
const auditOf = (subjectId: string) =>
  world.db.select().from(auditLog).where(eq(auditLog.subjectId, subjectId)).orderBy(asc(auditLog.id));

describe("creating an app", () => {
  test("gives its secret once, keeps only the hash, and is audited without either", async () => {
    const created = await createApp(world.as(world.orgAdmin), {
      name: "Helpdesk",
      external_id: "helpdesk",
      budget: { limit_usd: "10", period: "total" },
      rate_limits: { max_concurrent: 2 },
      allowed_models: ["small", "small"],
    });
    expect(created).toMatchObject({
      name: "Helpdesk",
      organization_id: world.a.id,
      external_id: "helpdesk",
      budget: { limit_usd: "10", period: "total" },
      rate_limits: { max_concurrent: 2 },
      allowed_models: ["small"],
      disabled: false,
    });
    expect((await rowOf(created.id)).secretHash.equals(hashSecret(created.secret))).toBe(true);
    const [audit] = await auditOf(created.id);
    expect(audit).toMatchObject({ action: "app.create", subjectType: "app", after: { name: "Helpdesk" } });
    const shown = JSON.stringify([audit, await getApp(world.as(world.admin), { id: created.id })]);
    expect(shown).not.toContain(created.secret);
    expect(shown.toLowerCase()).not.toContain("hash");
  });

  test.each<[string, () => Actor, () => object, object]>([
    ["a viewer", () => world.viewer, () => ({}), { code: "forbidden" }],
    ["a member", () => world.member, () => ({}), { code: "forbidden" }],
    ["somebody of no organization", () => world.stray, () => ({}), { code: "forbidden" }],
    [
      "an organization's admin for another organization",
      () => world.orgAdmin,
      () => ({ organization_id: world.b.id }),
      { code: "not_found", fields: { organization_id: expect.any(String) } },
    ],
    [
      "an administrator who names no organization",
      () => world.admin,
      () => ({}),
      { code: "invalid", fields: { organization_id: expect.any(String) } },
    ],
    [
      "anybody with an external id that is taken, also elsewhere",
      () => world.orgAdminOfB,
      () => ({ external_id: app.external_id }),
      { code: "conflict", fields: { external_id: expect.any(String) } },
    ],
    [
      "anybody with an external id that no header can carry",
      () => world.orgAdmin,
      () => ({ external_id: "two words" }),
      { code: "invalid", fields: { external_id: expect.any(String) } },
    ],
  ])("is refused to %s, and leaves nothing behind", async (_who, actor, input, refusal) => {
    const before = [await world.db.$count(apps), await world.db.$count(auditLog)];
    await expect(createApp(world.as(actor()), { name: "no", ...input() })).rejects.toMatchObject(refusal);
    expect([await world.db.$count(apps), await world.db.$count(auditLog)]).toEqual(before);
  });
});

describe("listing apps", () => {
  test("shows an organization's people theirs, administrators all, members none", async () => {
    const idsFor = async (actor: Actor, query = {}) =>
      (await listApps(world.as(actor), { limit: 200, ...query })).data.map(({ id }) => id);
    expect(await idsFor(world.admin)).toContain(app.id);
    expect(await idsFor(world.orgAdmin)).toContain(app.id);
    expect(await idsFor(world.viewer)).toContain(app.id);
    expect(await idsFor(world.member)).toEqual([]);
    expect(await idsFor(world.orgAdminOfB)).toEqual([]);
    expect(await idsFor(world.admin, { organization_id: world.b.id })).toEqual([]);
    expect(await idsFor(world.admin, { search: app.external_id })).toEqual([app.id]);
  });

  test("pages, newest first", async () => {
    const newer = await createApp(world.as(world.orgAdmin), { name: "newer" });
    const first = await listApps(world.as(world.orgAdmin), { limit: 1 });
    expect(first.data.map(({ id }) => id)).toEqual([newer.id]);
    const second = await listApps(world.as(world.orgAdmin), { limit: 1, cursor: first.next_cursor ?? "" });
    expect(second.data.map(({ id }) => id)).toEqual([app.id]);
  });
});

describe("any verb on one app", () => {
  const verbs: [string, (actor: Actor, id: string) => Promise<unknown>][] = [
    ["reading", (actor, id) => getApp(world.as(actor), { id })],
    ["its usage", (actor, id) => appUsage(world.as(actor), { id })],
    ["changing", (actor, id) => updateApp(world.as(actor), { id, name: "renamed" })],
    ["rotating", (actor, id) => rotateApp(world.as(actor), { id })],
    ["deleting", (actor, id) => deleteApp(world.as(actor), { id })],
  ];

  test.each(verbs)("%s: is allowed to administrators", async (_, verb) => {
    for (const actor of [world.admin, world.orgAdmin]) {
      const { id } = await createApp(world.as(world.orgAdmin), { name: "x" });
      await expect(verb(actor, id)).resolves.not.toThrow();
    }
  });

  test.each(verbs)("%s: looks as if there were no such app to members and others", async (_, verb) => {
    for (const actor of [world.orgAdminOfB, world.member, world.stray]) {
      expect(await verb(actor, app.id).catch(String)).toBe(await verb(actor, NOBODYS).catch(String));
    }
    await expect(verb(world.admin, "not-a-uuid")).rejects.toMatchObject({ code: "not_found" });
    expect(await auditOf(app.id)).toHaveLength(1);
  });

  test.each(verbs.slice(2))("%s: is forbidden to a viewer, who sees the app", async (_, verb) => {
    await expect(getApp(world.as(world.viewer), { id: app.id })).resolves.toMatchObject({ id: app.id });
    await expect(verb(world.viewer, app.id)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("changing an app", () => {
  test("changes what is given, raises the version, and is audited; the same again writes nothing", async () => {
    const changes = { name: "CRM 2", disabled: true, allowed_models: [], external_id: null };
    const after = await updateApp(world.as(world.orgAdmin), { id: app.id, ...changes });
    expect(after).toMatchObject(changes);
    expect(await getApp(world.as(world.admin), { id: app.id })).toEqual(after);
    await updateApp(world.as(world.orgAdmin), { id: app.id, ...changes });
    expect((await rowOf(app.id)).version).toBe(2);
    const audit = await auditOf(app.id);
    expect(audit.map((entry) => entry.action)).toEqual(["app.create", "app.update"]);
    expect(audit[1]).toMatchObject({ before: { disabled: false }, after: { disabled: true } });
  });

  test("gives no external id away twice", async () => {
    const other = await createApp(world.as(world.orgAdmin), { name: "other" });
    await expect(
      updateApp(world.as(world.orgAdmin), { id: other.id, external_id: app.external_id }),
    ).rejects.toMatchObject({ code: "conflict", fields: { external_id: expect.any(String) } });
  });
});

describe("rotating an app's secret", () => {
  test("replaces it at once, or keeps the old one until the grace ends", async () => {
    const first = await rotateApp(world.as(world.orgAdmin), { id: app.id });
    expect(first.secret).not.toBe(app.secret);
    expect(await rowOf(app.id)).toMatchObject({ previousSecretHash: null, previousSecretExpiresAt: null });
    const second = await rotateApp(world.as(world.orgAdmin), { id: app.id, grace_seconds: 60 });
    const row = await rowOf(app.id);
    expect(row.secretHash.equals(hashSecret(second.secret))).toBe(true);
    expect(row.previousSecretHash?.equals(hashSecret(first.secret))).toBe(true);
    expect(second.previous_secret_expires_at).toBe(row.previousSecretExpiresAt?.toISOString());
    const audit = JSON.stringify(await auditOf(app.id));
    expect(audit).toContain("app.rotate");
    for (const { secret } of [app, first, second]) expect(audit).not.toContain(secret);
  });
});

describe("deleting an app", () => {
  test("leaves its requests in the ledger and what it was in the audit log", async () => {
    const request = await world.addRequest({ apiKeyId: null, appId: app.id });
    await deleteApp(world.as(world.orgAdmin), { id: app.id });
    const [row] = await world.db.select().from(ledger).where(eq(ledger.id, request));
    expect(row).toMatchObject({ appId: app.id });
    expect((await auditOf(app.id)).at(-1)).toMatchObject({ action: "app.delete", before: { name: "CRM" } });
  });
});

describe("an app's usage", () => {
  test("is what its requests have used", async () => {
    await world.addUsage({ appId: app.id, requests: 3, costUsd: "0.25" });
    expect(await appUsage(world.as(world.viewer), { id: app.id })).toMatchObject({
      requests: 3,
      cost_usd: "0.25",
      budget: null,
    });
  });
});

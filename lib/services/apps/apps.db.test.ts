import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { readCaller } from "#lib/auth/caller";
import { ledger } from "#lib/db/schema/credit";
import { apps } from "#lib/db/schema/identity";
import { hashSecret, UNKNOWN_ID } from "#lib/services/testing/context";
import {
  expectForbidden,
  expectRejection,
  type RejectedCall,
  rejection,
  withoutRights,
} from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import type { NewApp } from "./app";
import { appUsage } from "./app-usage";
import { createApp } from "./create-app";
import { deleteApp } from "./delete-app";
import { getApp } from "./get-app";
import { listApps } from "./list-apps";
import { rotateApp } from "./rotate-app";
import { updateApp } from "./update-app";

const world = await worldOfFile();
/** A new app of organization A for each test. */
let app: NewApp;
let count = 0;

beforeEach(async () => {
  const external_id = `crm-${++count}`;
  app = await createApp(world.as(world.admin), { name: "CRM", organization_id: world.a.id, external_id });
});

const rowOf = async (id: string) => {
  const [row] = await world.db.select().from(apps).where(eq(apps.id, id));
  if (row === undefined) throw new Error("app not found");
  return row;
};

describe("creating an app", () => {
  test("returns its secret once, stores its hash only, and audits neither", async () => {
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
    const [audit] = await world.auditOf(created.id);
    expect(audit).toMatchObject({ action: "app.create", subjectType: "app", after: { name: "Helpdesk" } });
    const shown = JSON.stringify([audit, await getApp(world.as(world.admin), { id: created.id })]);
    expect(shown).not.toContain(created.secret);
    expect(shown.toLowerCase()).not.toContain("hash");
  });

  test.each<RejectedCall>([
    ...withoutRights(world),
    [
      "an org_admin in another organization",
      world.orgAdmin,
      { organization_id: world.b.id },
      rejection("not_found", "organization_id"),
    ],
    ["an administrator without an organization", world.admin, {}, rejection("invalid", "organization_id")],
    [
      "an external id that a header cannot have",
      world.orgAdmin,
      { external_id: "two words" },
      rejection("invalid", "external_id"),
    ],
  ])("is rejected for %s, and writes nothing", async (_who, actor, input, error) => {
    await expectRejection(world, apps, () => createApp(world.as(actor), { name: "no", ...input }), error);
  });

  test("is rejected for an external id that is taken in the organization, and does not tell of others", async () => {
    const again = (actor: Actor) => createApp(world.as(actor), { name: "no", external_id: app.external_id });
    await expectRejection(world, apps, () => again(world.orgAdmin), rejection("conflict", "external_id"));
    const { id, secret } = await again(world.orgAdminOfB);
    // The data plane tells them apart by their secrets.
    for (const [given, found] of [
      [app.secret, app.id],
      [secret, id],
    ] as const) {
      const appId = app.external_id ?? "";
      const finding = await readCaller(world.db.$client, hashSecret, {
        kind: "app",
        secret: given,
        appId,
        userOid: null,
      });
      expect(finding).toMatchObject({ found: true, caller: { appId: found } });
    }
    await deleteApp(world.as(world.orgAdminOfB), { id });
  });
});

describe("listing apps", () => {
  test("shows administrators all apps, an organization's staff theirs, and members none", async () => {
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

  test("pages newest first", async () => {
    const newer = await createApp(world.as(world.orgAdmin), { name: "newer" });
    const first = await listApps(world.as(world.orgAdmin), { limit: 1 });
    expect(first.data.map(({ id }) => id)).toEqual([newer.id]);
    const second = await listApps(world.as(world.orgAdmin), { limit: 1, cursor: first.next_cursor ?? "" });
    expect(second.data.map(({ id }) => id)).toEqual([app.id]);
  });
});

describe("each verb on an app", () => {
  const verbs: [string, (actor: Actor, id: string) => Promise<unknown>][] = [
    ["reading", (actor, id) => getApp(world.as(actor), { id })],
    ["reading the usage of", (actor, id) => appUsage(world.as(actor), { id })],
    ["updating", (actor, id) => updateApp(world.as(actor), { id, name: "renamed" })],
    ["rotating", (actor, id) => rotateApp(world.as(actor), { id })],
    ["deleting", (actor, id) => deleteApp(world.as(actor), { id })],
  ];

  test.each(verbs)("%s an app is allowed for administrators", async (_, verb) => {
    for (const actor of [world.admin, world.orgAdmin]) {
      const { id } = await createApp(world.as(world.orgAdmin), { name: "x" });
      await verb(actor, id);
    }
  });

  test.each(verbs)("%s an app out of sight is answered like an unknown id", async (_, verb) => {
    for (const actor of [world.orgAdminOfB, world.member, world.stray]) {
      expect(await verb(actor, app.id).catch(String)).toBe(await verb(actor, UNKNOWN_ID).catch(String));
    }
    await expect(verb(world.admin, "not-a-uuid")).rejects.toMatchObject({ code: "not_found" });
    expect(await world.auditOf(app.id)).toHaveLength(1);
  });

  test.each(verbs.slice(2))("%s an app is forbidden to a viewer who sees it", async (_, verb) => {
    await expect(getApp(world.as(world.viewer), { id: app.id })).resolves.toMatchObject({ id: app.id });
    await expectForbidden(() => verb(world.viewer, app.id));
  });
});

describe("updating an app", () => {
  test("sets the given fields, increments the version and audits it; a repetition writes nothing", async () => {
    const changes = { name: "CRM 2", disabled: true, allowed_models: [], external_id: null };
    const after = await updateApp(world.as(world.orgAdmin), { id: app.id, ...changes });
    expect(after).toMatchObject(changes);
    expect(await getApp(world.as(world.admin), { id: app.id })).toEqual(after);
    await updateApp(world.as(world.orgAdmin), { id: app.id, ...changes });
    expect((await rowOf(app.id)).version).toBe(2);
    const audit = await world.auditOf(app.id);
    expect(audit.map((entry) => entry.action)).toEqual(["app.create", "app.update"]);
    expect(audit[1]).toMatchObject({ before: { disabled: false }, after: { disabled: true } });
  });

  test("rejects a taken external id", async () => {
    const other = await createApp(world.as(world.orgAdmin), { name: "other" });
    await expect(
      updateApp(world.as(world.orgAdmin), { id: other.id, external_id: app.external_id }),
    ).rejects.toMatchObject(rejection("conflict", "external_id"));
  });
});

describe("rotating an app's secret", () => {
  test("replaces it at once, or after the grace period", async () => {
    const first = await rotateApp(world.as(world.orgAdmin), { id: app.id });
    expect(first.secret).not.toBe(app.secret);
    expect(await rowOf(app.id)).toMatchObject({ previousSecretHash: null, previousSecretExpiresAt: null });
    const second = await rotateApp(world.as(world.orgAdmin), { id: app.id, grace_seconds: 60 });
    const row = await rowOf(app.id);
    expect(row.secretHash.equals(hashSecret(second.secret))).toBe(true);
    expect(row.previousSecretHash?.equals(hashSecret(first.secret))).toBe(true);
    expect(second.previous_secret_expires_at).toBe(row.previousSecretExpiresAt?.toISOString());
    const audit = JSON.stringify(await world.auditOf(app.id));
    expect(audit).toContain("app.rotate");
    for (const { secret } of [app, first, second]) expect(audit).not.toContain(secret);
  });
});

describe("deleting an app", () => {
  test("keeps its requests in the ledger and its settings in the audit log", async () => {
    const request = await world.addRequest({ apiKeyId: null, appId: app.id });
    await deleteApp(world.as(world.orgAdmin), { id: app.id });
    const [row] = await world.db.select().from(ledger).where(eq(ledger.id, request));
    expect(row).toMatchObject({ appId: app.id });
    expect((await world.auditOf(app.id)).at(-1)).toMatchObject({
      action: "app.delete",
      before: { name: "CRM" },
    });
  });
});

describe("an app's usage", () => {
  test("sums its requests", async () => {
    await world.addUsage({ appId: app.id, requests: 3, costUsd: "0.25" });
    expect(await appUsage(world.as(world.viewer), { id: app.id })).toMatchObject({
      requests: 3,
      cost_usd: "0.25",
      budget: null,
    });
  });
});

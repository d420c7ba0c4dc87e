import { day } from "#lib/services/testing/day";
import { CRON_SECRET } from "../mounts";
import { type Api, expect, test } from "./api-test";
import { byApp, byKey, outcome } from "./data-plane";
import { expectEach, FORBIDDEN, NOT_FOUND, type Operation } from "./expectations";
import { createResource, newOrganization, newTenant, newUser, tokensOf, unique } from "./resources";

const statusOf = async (api: Api, userId: string) =>
  (await api.adminKey.get(`/users/${userId}`)).body.payment_status;

const payUntil = async (api: Api, userId: string, date: string | null) =>
  (await api.adminKey.patch(`/users/${userId}`, { payment_valid_until: date })).body.payment_status;

test("the date is the last valid UTC day, and null never expires", async ({ api, gate }) => {
  const { userId, key } = await newTenant(api);
  const dates: [date: string | null, status: string, outcome: string][] = [
    [null, "none", "200"],
    [day(0), "active", "200"],
    [day(-1), "expired", "403 payment_expired"],
    [day(1), "active", "200"],
    ["1999-12-31", "expired", "403 payment_expired"],
    [null, "none", "200"],
  ];
  for (const [date, status, expected] of dates) {
    expect(await payUntil(api, userId, date), String(date)).toBe(status);
    expect(await outcome(gate, byKey(key)), String(date)).toBe(expected);
    expect(await statusOf(api, userId), String(date)).toBe(status);
  }
});

test("when the date passes, the next request is rejected and the status is stored", async ({ api, gate }) => {
  const { userId, key } = await newTenant(api);
  await payUntil(api, userId, day(0));
  expect(await outcome(gate, byKey(key))).toBe("200");
  // Like midnight: only the date changes.
  await gate.sql`UPDATE users SET payment_valid_until = ${day(-1)} WHERE id = ${userId}`;
  expect(await outcome(gate, byKey(key))).toBe("403 payment_expired");
  const [row] = await gate.sql`SELECT payment_status FROM users WHERE id = ${userId}`;
  expect(row?.payment_status).toBe("expired");
  expect(await statusOf(api, userId)).toBe("expired");
  const { data } = await api.adminKey.get("/audit-log", { query: { subject_id: userId, limit: 1 } });
  expect(data).toMatchObject([{ action: "user.payment_expired" }]);
  await payUntil(api, userId, day(0));
  expect(await outcome(gate, byKey(key))).toBe("200");
});

test("applies to every way of calling as the user, and to no other caller", async ({ api, gate }) => {
  const { id } = await newOrganization(api);
  const oid = unique("oid");
  const user = await newUser(api, id, { external_id: oid, payment_valid_until: day(-1) });
  const app = await createResource(api.adminKey, "/apps", { name: unique("app"), organization_id: id });
  const secret = String(Object(app).secret);
  const ofAll = await createResource(api.adminKey, "/api-keys", { name: "of all", organization_id: id });
  expect(await outcome(gate, byApp(secret, app.id, oid))).toBe("403 payment_expired");
  expect(await outcome(gate, byApp(secret, app.id))).toBe("200");
  expect(await outcome(gate, byKey(String(Object(ofAll).key)))).toBe("200");
  const models = await fetch(`${gate.v1}/models`, { headers: byApp(secret, app.id, oid) });
  expect([models.status, (await models.json()).error.code]).toEqual([403, "payment_expired"]);
  expect(await payUntil(api, user.id, day(0))).toBe("active");
  expect(await outcome(gate, byApp(secret, app.id, oid))).toBe("200");
});

test("syncing a user returns today's status", async ({ api }) => {
  const { userId } = await newTenant(api);
  const { email, external_id } = (await api.adminKey.get(`/users/${userId}`)).body;
  for (const [date, status] of [
    [null, "none"],
    [day(-1), "expired"],
    [day(0), "active"],
  ] as const) {
    await payUntil(api, userId, date);
    const { status: answered, body } = await api.adminKey.post(`/users/${userId}/sync-expiry`);
    expect([answered, body]).toEqual([
      200,
      {
        user_id: userId,
        external_id,
        email,
        payment_valid_until: date,
        payment_status: status,
        synced: true,
      },
    ]);
  }
});

test("syncing all counts users with a date, and those that this call changed", async ({ api, gate }) => {
  const { id } = await newOrganization(api);
  const { orgAdmin } = await tokensOf(api, id);
  await api.adminKey.post("/users/sync-expiry");
  for (const date of [day(-1), day(-1), day(0), null]) await newUser(api, id, { payment_valid_until: date });
  const first = await orgAdmin.post("/users/sync-expiry");
  expect([first.status, first.body]).toEqual([
    200,
    { checked: 3, expired: 2, timestamp: expect.any(String) },
  ]);
  expect((await orgAdmin.post("/users/sync-expiry")).body).toMatchObject({ checked: 3, expired: 0 });
  await gate.sql`UPDATE users SET payment_valid_until = ${day(-1)} WHERE organization_id = ${id}`;
  const all = await api.adminKey.post("/users/sync-expiry");
  expect(all.body).toMatchObject({ expired: 2 });
  expect(Number(all.body.checked)).toBeGreaterThanOrEqual(4);
});

test("the cron job syncs all users and can be repeated", async ({ api, gate }) => {
  const { id } = await newOrganization(api);
  await api.adminKey.post("/users/sync-expiry");
  await newUser(api, id, { payment_valid_until: day(-1) });
  const headers = { authorization: `Bearer ${CRON_SECRET}` };
  const sync = async () => (await fetch(`${gate.url}/api/cron/expiry-sync`, { headers })).json();
  expect(await sync()).toMatchObject({ expired: 1, timestamp: expect.stringMatching(/Z$/) });
  expect(await sync()).toMatchObject({ checked: expect.any(Number), expired: 0 });
});

test("syncing needs an administrator or org_admin of the user", async ({ api }) => {
  const { id, userId } = await newTenant(api);
  const { orgAdmin, viewer } = await tokensOf(api, id);
  expect((await orgAdmin.post(`/users/${userId}/sync-expiry`)).status).toBe(200);
  const all = ["POST", "/users/sync-expiry"] as const;
  await expectEach(viewer, [all, ["POST", `/users/${userId}/sync-expiry`]], FORBIDDEN);
  await expectEach(api.memberSession, [all], FORBIDDEN);
  const foreign: Operation[] = [["POST", `/users/${userId}/sync-expiry`]];
  for (const client of [api.orgAdminToken, api.orgAdminSession]) await expectEach(client, foreign, NOT_FOUND);
  for (const client of [api.viewerSession, api.memberSession]) await expectEach(client, foreign, FORBIDDEN);
});

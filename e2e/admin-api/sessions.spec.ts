import { expect, test } from "./api-test";
import { PASSWORD } from "./cast";
import { newUser } from "./resources";
import { signInOverHttp } from "./sign-in";

test("invites a user once per link, whose address holds the portal's origin", async ({ api, gate }) => {
  const user = await newUser(api, api.cast.a.id);
  expect(user).toMatchObject({ has_account: false });
  const { status, body } = await api.orgAdminToken.post(`/users/${user.id}/invite`);
  expect(status).toBe(200);
  expect(String(body.url)).toMatch(new RegExp(`^${gate.url}/invite/[0-9A-Za-z]{38}$`));
  const hours = (Date.parse(String(body.expires_at)) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(71);
  expect(hours).toBeLessThanOrEqual(72);
  expect((await api.viewerToken.post(`/users/${user.id}/invite`)).status).toBe(403);
  expect((await api.orgAdminOfBToken.post(`/users/${user.id}/invite`)).status).toBe(404);
  expect((await api.orgAdminToken.post(`/users/${api.cast.a.member.id}/invite`)).status).toBe(409);
});

test("lets only administrators with a session set a password", async ({ api }) => {
  const asked = (word: string) => ({
    email: `${word}-${Date.now()}@example.com`,
    organization_id: api.cast.a.id,
    password: "toll road 7",
  });
  for (const client of [api.adminKey, api.adminToken, api.orgAdminToken, api.orgAdminSession]) {
    expect((await client.post("/users", asked("no"))).status).toBe(403);
    const { id } = api.cast.a.viewer;
    expect((await client.patch(`/users/${id}`, { password: "toll road 7" })).status).toBe(403);
  }
  const { status, body } = await api.adminSession.post("/users", asked("yes"));
  expect([status, body.has_account]).toEqual([201, true]);
});

test("lists and ends sessions, by an org_admin only those in the organization", async ({ api, gate }) => {
  const { viewer } = api.cast.b;
  const cookie = await signInOverHttp(gate.url, viewer.email, PASSWORD);
  const theirs = api.as({ cookie, origin: gate.url });
  const path = `/users/${viewer.id}/sessions`;
  const own = await theirs.get(path);
  expect(own.data).toMatchObject([{ user_id: viewer.id, current: true, ip: expect.any(String) }]);
  expect((await api.orgAdminOfBToken.get(path)).data).toMatchObject([{ current: false }]);
  expect((await api.orgAdminToken.get(path)).status).toBe(404);
  expect((await api.viewerToken.get(`/users/${api.cast.a.member.id}/sessions`)).status).toBe(403);
  const id = String(own.data[0]?.id);
  expect((await api.orgAdminToken.delete(`${path}/${id}`)).status).toBe(404);
  expect((await api.orgAdminOfBToken.delete(`${path}/${id}`)).status).toBe(204);
  expect((await theirs.get(path)).status).toBe(401);

  const shown = await fetch(`${gate.url}/api/auth/session`, { headers: { cookie } });
  expect(await shown.json()).toEqual({});

  const again = await signInOverHttp(gate.url, viewer.email, PASSWORD);
  const client = api.as({ cookie: again, origin: gate.url });
  expect((await client.delete(path)).status).toBe(204);
  expect((await client.get(path)).data).toHaveLength(1);
  expect((await api.adminToken.delete(path)).status).toBe(204);
  expect((await client.get(path)).status).toBe(401);
});

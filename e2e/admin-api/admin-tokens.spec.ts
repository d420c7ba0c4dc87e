import { expect, test } from "./api-test";

const viewer = { name: "reads", role: "viewer" };

test("an administrator creates, lists and deletes tokens of every role", async ({ api }) => {
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    const all = await client.post("/admin-tokens", { name: "all", role: "admin" });
    expect(all.body).toMatchObject({
      role: "admin",
      organization_id: null,
      expires_at: null,
      last_used_at: null,
    });
    expect(all.body.token).toMatch(/^tgadm_[0-9A-Za-z]{38}$/);
    const one = await client.post("/admin-tokens", { ...viewer, organization_id: api.cast.a.id });
    expect([one.status, one.body.organization_id]).toEqual([201, api.cast.a.id]);
    const { data } = await client.get("/admin-tokens", { query: { limit: 2 } });
    expect(data.map(({ id }) => id)).toEqual([one.id, all.id]);
    expect(JSON.stringify(data)).not.toContain(String(all.body.token));
    for (const { id } of [all, one]) {
      expect((await client.delete(`/admin-tokens/${id}`)).status).toBe(204);
      expect((await client.delete(`/admin-tokens/${id}`)).status).toBe(404);
    }
  }
});

test("an org_admin creates tokens of their organization, with no more rights than their own", async ({
  api,
}) => {
  for (const client of [api.orgAdminToken, api.orgAdminSession]) {
    const created = await client.post("/admin-tokens", { name: "ours", role: "org_admin" });
    expect([created.status, created.body.organization_id]).toEqual([201, api.cast.a.id]);
    expect((await client.post("/admin-tokens", { name: "x", role: "admin" })).status).toBe(403);
    const foreign = await client.post("/admin-tokens", { ...viewer, organization_id: api.cast.b.id });
    expect([foreign.status, foreign.param]).toEqual([404, "organization_id"]);
    const { data } = await client.get("/admin-tokens");
    expect(data.every(({ organization_id: id }) => id === api.cast.a.id)).toBe(true);
    expect((await client.delete(`/admin-tokens/${created.id}`)).status).toBe(204);
  }
});

test("viewers and members may not create, list or delete tokens", async ({ api }) => {
  const { id } = await api.adminKey.post("/admin-tokens", { ...viewer, organization_id: api.cast.a.id });
  for (const client of [api.viewerToken, api.viewerSession, api.memberSession]) {
    expect((await client.get("/admin-tokens")).status).toBe(403);
    expect((await client.post("/admin-tokens", viewer)).status).toBe(403);
    expect((await client.delete(`/admin-tokens/${id}`)).status).toBe(403);
  }
});

test("a token creates none that outlives it", async ({ api }) => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const { body } = await api.adminKey.post("/admin-tokens", {
    name: "an hour",
    role: "admin",
    expires_at: soon,
  });
  const client = api.as({ authorization: `Bearer ${body.token}` });
  const longer = await client.post("/admin-tokens", { name: "longer", role: "admin" });
  expect([longer.status, longer.param]).toEqual([400, "expires_at"]);
  expect(
    (await client.post("/admin-tokens", { name: "as long", role: "admin", expires_at: soon })).status,
  ).toBe(201);
});

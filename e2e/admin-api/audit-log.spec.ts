import { expect, test } from "./api-test";

test("records actor, before, after and address of a change", async ({ api }) => {
  const { id, body } = await api.orgAdminSession.post("/admin-tokens", { name: "logged", role: "viewer" });
  await api.adminKey.delete(`/admin-tokens/${id}`);
  const { token, ...shown } = body;
  const { data, text } = await api.adminKey.get("/audit-log", { query: { subject_id: id } });
  expect(data).toMatchObject([
    {
      action: "admin_token.delete",
      actor: { id: "admin_api_key", name: "ADMIN_API_KEY" },
      before: { id, name: "logged" },
      after: null,
    },
    {
      action: "admin_token.create",
      actor: { id: api.cast.a.orgAdmin.id },
      subject_type: "admin_token",
      organization_id: api.cast.a.id,
      before: null,
      after: shown,
      ip: expect.stringMatching(/127\.0\.0\.1|::1/),
    },
  ]);
  expect(text).not.toContain(String(token));
});

test("shows an org_admin their organization's entries, and is forbidden to viewers and members", async ({
  api,
}) => {
  await api.orgAdminOfBToken.post("/admin-tokens", { name: "of b", role: "viewer" });
  await api.orgAdminToken.post("/admin-tokens", { name: "of a", role: "viewer" });
  const { data } = await api.orgAdminToken.get("/audit-log", { query: { limit: 200 } });
  expect(data.length).toBeGreaterThan(0);
  expect(data.every(({ organization_id: id }) => id === api.cast.a.id)).toBe(true);
  const foreign = await api.orgAdminSession.get("/audit-log", { query: { organization_id: api.cast.b.id } });
  expect(foreign.data).toEqual([]);
  for (const client of [api.viewerToken, api.viewerSession, api.memberSession]) {
    expect((await client.get("/audit-log")).status).toBe(403);
  }
});

test("pages, and cannot be changed", async ({ api }) => {
  const first = await api.adminKey.get("/audit-log", { query: { limit: 1 } });
  const cursor = String(first.body.next_cursor);
  const second = await api.adminKey.get("/audit-log", { query: { limit: 1, cursor } });
  expect(Number(second.data[0]?.id)).toBeLessThan(Number(first.data[0]?.id));
  for (const method of ["POST", "PATCH", "DELETE"]) {
    expect((await api.adminKey.send(method, "/audit-log")).status).toBe(405);
  }
});

import { newAdminToken } from "#lib/auth/admin-token";
import { ADMIN_API_KEY, ADMIN_EMAIL, ADMIN_PASSWORD } from "../mounts";
import { expect, test } from "./api-test";
import { signInOverHttp } from "./sign-in";

test("accepts ADMIN_API_KEY, admin tokens and sessions, each with its role", async ({ api }) => {
  for (const client of [api.adminKey, api.adminToken, api.adminSession]) {
    expect((await client.get("/audit-log")).status).toBe(200);
  }
  for (const client of [api.orgAdminToken, api.orgAdminSession]) {
    const { status, body } = await client.get("/metrics");
    expect([status, body.organizations]).toEqual([200, 1]);
  }
  for (const client of [api.viewerToken, api.viewerSession, api.memberSession]) {
    const { status, code } = await client.get("/metrics");
    expect([status, code]).toEqual([403, "forbidden"]);
  }
});

test("answers wrong and missing credentials with a 401 that says what to send", async ({ api }) => {
  const rejected: Record<string, string>[] = [
    {},
    { authorization: `Bearer ${ADMIN_API_KEY.slice(0, -1)}` },
    { authorization: `Basic ${Buffer.from(`admin:${ADMIN_API_KEY}`).toString("base64")}` },
    { authorization: `Bearer ${newAdminToken()}` },
    { authorization: `Bearer ${api.cast.a.key.secret}` },
    { "x-api-key": ADMIN_API_KEY },
    { cookie: "next-auth.session-token=forged" },
  ];
  for (const identity of rejected) {
    for (const path of ["/users", "/nothing-here"]) {
      const { status, code, headers } = await api.as(identity).get(path);
      expect([status, code, headers.get("www-authenticate")]).toEqual([401, "invalid_api_key", "Bearer"]);
    }
  }
  expect((await api.anonymous.get("/users")).message).toContain("Authorization: Bearer");
});

test("rejects a wrong bearer, even with an administrator's session", async ({ api, gate }) => {
  const cookie = await signInOverHttp(gate.url, ADMIN_EMAIL, ADMIN_PASSWORD);
  expect((await api.as({ cookie }).get("/metrics")).status).toBe(200);
  expect((await api.as({ cookie, authorization: "Bearer no" }).get("/metrics")).status).toBe(401);
});

test("a session changes nothing from another site's page", async ({ api, gate }) => {
  const cookie = await signInOverHttp(gate.url, ADMIN_EMAIL, ADMIN_PASSWORD);
  const body = { name: "forged", role: "admin" };
  const foreign: Record<string, string>[] = [
    { cookie },
    { cookie, origin: "null" },
    { cookie, origin: "https://evil.example" },
    { cookie, origin: `${gate.url}.evil.example` },
    { cookie, origin: "https://evil.example", "x-forwarded-host": "evil.example" },
    { cookie, referer: `${gate.url}/` },
  ];
  for (const identity of foreign) {
    const { status, code } = await api.as(identity).post("/admin-tokens", body);
    expect([status, code], JSON.stringify(identity)).toEqual([403, "forbidden"]);
  }
  for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
    const headers = { "content-type": type };
    const { status, code } = await api.adminSession.post("/admin-tokens", body, { headers });
    expect([status, code], type).toEqual([403, "forbidden"]);
  }
  const created = await api.adminSession.post("/admin-tokens", body);
  expect(created.status).toBe(201);
  expect((await api.adminSession.delete(`/admin-tokens/${created.id}`)).status).toBe(204);
});

test("reading with a session needs no origin, and a form body gets 415", async ({ api, gate }) => {
  const cookie = await signInOverHttp(gate.url, ADMIN_EMAIL, ADMIN_PASSWORD);
  expect((await api.as({ cookie }).get("/metrics")).status).toBe(200);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { status, code, message } = await api.adminKey.post("/admin-tokens", "name=x", { headers });
  expect([status, code]).toEqual([415, "unsupported_media_type"]);
  expect(message).toContain("content-type: application/json");
});

test("rejects the next request with a deleted or expired token", async ({ api, gate }) => {
  const { id, body } = await api.adminKey.post("/admin-tokens", { name: "short-lived", role: "admin" });
  const client = api.as({ authorization: `Bearer ${body.token}` });
  expect((await client.get("/metrics")).status).toBe(200);
  await gate.sql`UPDATE admin_tokens SET expires_at = now() WHERE id = ${id}`;
  expect((await client.get("/metrics")).status).toBe(401);
  await gate.sql`UPDATE admin_tokens SET expires_at = NULL WHERE id = ${id}`;
  expect((await client.get("/metrics")).status).toBe(200);
  expect((await client.delete(`/admin-tokens/${id}`)).status).toBe(204);
  expect((await client.get("/metrics")).status).toBe(401);
});

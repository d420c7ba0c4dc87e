import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { newAdminToken } from "#lib/auth/admin-token";
import { adminTokens } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import { ADMIN_API_KEY, createTestApi, type TestApi } from "./testing/test-api";

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.world.drop());
afterEach(() => {
  api.session = null;
  vi.restoreAllMocks();
});

describe("a caller of the Admin API", () => {
  test("may have ADMIN_API_KEY, and is an administrator then", async () => {
    expect((await api.send("GET", "/who")).body).toMatchObject({
      kind: "token",
      id: "admin_api_key",
      role: "admin",
    });
  });

  test("may have an admin token, and is what that is", async () => {
    const bearer = await api.token({ role: "viewer", organizationId: api.world.a.id });
    const { body } = await api.send("GET", "/who", { bearer });
    expect(body).toMatchObject({
      kind: "token",
      name: "script",
      role: "viewer",
      organizationId: api.world.a.id,
    });
  });

  test("may be whoever is signed in", async () => {
    if (api.world.member.kind !== "user") throw new Error("not a person");
    api.session = api.world.member;
    expect((await api.send("GET", "/who", { bearer: null })).body).toEqual(api.world.member);
  });

  test.each<[string, () => Promise<Record<string, string>> | Record<string, string>]>([
    ["nothing", () => ({})],
    ["another key", () => ({ authorization: `Bearer ${ADMIN_API_KEY}x` })],
    ["the key in another scheme", () => ({ authorization: `Basic ${ADMIN_API_KEY}` })],
    ["the bare key", () => ({ authorization: ADMIN_API_KEY })],
    ["an empty bearer", () => ({ authorization: "Bearer " })],
    ["an unknown token", () => ({ authorization: `Bearer ${newAdminToken()}` })],
    [
      "an expired token",
      async () => ({
        authorization: `Bearer ${await api.token({ expiresAt: new Date(Date.now() - 1000) })}`,
      }),
    ],
    ["an API key", () => ({ authorization: "Bearer tg_live_x" })],
  ])("with %s is refused, on known paths and on others", async (_what, headers) => {
    const given = await headers();
    for (const path of ["/who", "/nothing"]) {
      const {
        status,
        headers: answered,
        body,
      } = await api.send("GET", path, { bearer: null, headers: given });
      expect([status, body.error?.code, body.error?.type]).toEqual([
        401,
        "invalid_api_key",
        "authentication_error",
      ]);
      expect(answered.get("www-authenticate")).toBe("Bearer");
    }
  });

  test("with a wrong bearer is nobody, though somebody is signed in", async () => {
    if (api.world.admin.kind !== "user") throw new Error("not a person");
    api.session = api.world.admin;
    expect((await api.send("GET", "/who", { bearer: newAdminToken() })).status).toBe(401);
  });

  test("with a session changes nothing from another site's page", async () => {
    if (api.world.admin.kind !== "user") throw new Error("not a person");
    api.session = api.world.admin;
    const body = { name: "forged" };
    const foreign = await api.send("POST", "/things", {
      bearer: null,
      body,
      headers: { origin: "http://evil.test" },
    });
    expect([foreign.status, foreign.body.error?.code]).toEqual([403, "forbidden"]);
    const own = await api.send("POST", "/things", {
      bearer: null,
      body,
      headers: { origin: "http://portal.test" },
    });
    expect([own.status, own.body.by]).toEqual([201, api.world.admin.id]);
  });

  test("that is a token is noted as seen, once a minute at most", async () => {
    const bearer = await api.token({ name: "seen" });
    const seen = async () => {
      const rows = await api.world.db.select().from(adminTokens);
      return rows.find(({ name }) => name === "seen")?.lastUsedAt ?? null;
    };
    expect(await seen()).toBeNull();
    await api.send("GET", "/who", { bearer });
    await vi.waitFor(async () => expect(await seen()).not.toBeNull(), { timeout: 10_000 });
    const first = await seen();
    await api.send("GET", "/who", { bearer });
    await sleep(100);
    expect(await seen()).toEqual(first);
  });
});

describe("the role of an operation", () => {
  test("is judged before the body is read", async () => {
    const bearer = await api.token({ role: "viewer", organizationId: api.world.a.id });
    const headers = { "content-type": "application/json" };
    for (const text of ["not JSON", "x".repeat(2 * 1024 * 1024), '{"unknown":1}']) {
      const { status, body } = await api.send("POST", "/administrators", { bearer, text, headers });
      expect([status, body.error?.code]).toEqual([403, "forbidden"]);
    }
    const asAdmin = await api.send("POST", "/administrators", { text: "not JSON", headers });
    expect([asAdmin.status, asAdmin.body.error?.code]).toEqual([400, "invalid_request"]);
  });
});

describe("an answer of the Admin API", () => {
  test("has a request id of its own, and is never cached", async () => {
    const answers = [
      await api.send("GET", "/who"),
      await api.send("GET", "/csv"),
      await api.send("GET", "/nothing"),
      await api.send("PUT", "/who"),
      await api.send("GET", "/accident"),
      await api.send("GET", "/who", { bearer: null }),
      await api.send("DELETE", `/things/${api.world.a.id}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 405, 500, 401, 204]);
    const ids = answers.map(({ headers }) => headers.get("x-request-id"));
    expect(new Set(ids).size).toBe(answers.length);
    for (const [at, id] of ids.entries()) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(answers[at]?.headers.get("cache-control")).toBe("no-store");
    }
  });

  test("is the verb's own where it makes a whole one", async () => {
    const { text, headers } = await api.send("GET", "/csv");
    expect([text, headers.get("content-type")]).toEqual(["a,b\n", "text/csv"]);
  });

  test("has nothing in it after a deletion", async () => {
    expect((await api.send("DELETE", `/things/${api.world.a.id}`)).text).toBe("");
  });

  test("tells which methods there are instead", async () => {
    const { status, headers, body } = await api.send("PATCH", "/things");
    expect([status, headers.get("allow"), body.error?.code]).toEqual([405, "POST", "method_not_allowed"]);
  });

  test("tells nothing about an accident, which is in the log with the request's id", async () => {
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    const { status, headers, text, body } = await api.send("GET", "/accident");
    expect([status, body.error?.code]).toEqual([500, "internal_error"]);
    expect(text).not.toMatch(/postgres|password/);
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ requestId: headers.get("x-request-id"), operation: "GET /accident" }),
      expect.any(String),
    );
  });

  test("says to come back while the database is away", async () => {
    const { status, headers, body } = await api.send("GET", "/away");
    expect([status, headers.get("retry-after"), body.error?.code]).toEqual([503, "1", "service_unavailable"]);
  });

  test("is logged without the bearer, the query or the body", async () => {
    const logged = vi.spyOn(log, "info").mockReturnValue(undefined);
    await api.send("POST", "/things", { body: { name: "private name" } });
    await api.send("GET", "/who?search=private");
    const text = JSON.stringify(logged.mock.calls);
    expect(text).toContain("POST /things");
    expect(text).toContain("admin_api_key");
    expect(text).not.toMatch(new RegExp(`private|${ADMIN_API_KEY}`));
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newAdminToken } from "#lib/auth/admin-token";
import { adminTokens } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import { sessionOf } from "./testing/sessions-and-tokens";
import { ADMIN_API_KEY, createTestApi } from "./testing/test-api";

const api = await createTestApi();
afterEach(() => {
  api.session = null;
  vi.restoreAllMocks();
});

describe("a caller of the Admin API", () => {
  test("is an administrator with ADMIN_API_KEY", async () => {
    expect((await api.send("GET", "/whoami")).body).toMatchObject({
      kind: "token",
      id: "admin_api_key",
      role: "admin",
    });
  });

  test("has the role and organization of its admin token", async () => {
    const organizationId = api.world.a.id;
    const bearer = await api.token({ role: "viewer", organizationId });
    const { body } = await api.send("GET", "/whoami", { bearer });
    expect(body).toMatchObject({ kind: "token", name: "script", role: "viewer", organizationId });
  });

  test("is the signed-in user with a session", async () => {
    api.session = sessionOf(api.world.member);
    expect((await api.send("GET", "/whoami", { bearer: null })).body).toEqual(api.world.member);
  });

  test.each<[string, () => Promise<Record<string, string>> | Record<string, string>]>([
    ["no credentials", () => ({})],
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
  ])("gets 401 with %s, on known paths and on others", async (_what, credentials) => {
    const headers = await credentials();
    for (const path of ["/whoami", "/nothing"]) {
      const received = await api.send("GET", path, { bearer: null, headers });
      expect([received.status, received.body.error?.code, received.body.error?.type]).toEqual([
        401,
        "invalid_api_key",
        "authentication_error",
      ]);
      expect(received.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  test("gets 401 with a wrong bearer, even with a session", async () => {
    api.session = sessionOf(api.world.admin);
    expect((await api.send("GET", "/whoami", { bearer: newAdminToken() })).status).toBe(401);
  });

  test("with a session changes nothing from another site's page", async () => {
    api.session = sessionOf(api.world.admin);
    const from = (origin: string) =>
      api.send("POST", "/things", { bearer: null, body: { name: "forged" }, headers: { origin } });
    const foreign = await from("http://evil.test");
    expect([foreign.status, foreign.body.error?.code]).toEqual([403, "forbidden"]);
    const own = await from("http://portal.test");
    expect([own.status, own.body.by]).toEqual([201, api.world.admin.id]);
  });

  test("has its token marked as used, at most once a minute", async () => {
    const bearer = await api.token({ name: "used" });
    const lastUsed = async () => {
      const rows = await api.world.db.select().from(adminTokens);
      return rows.find(({ name }) => name === "used")?.lastUsedAt ?? null;
    };
    expect(await lastUsed()).toBeNull();
    await api.send("GET", "/whoami", { bearer });
    await vi.waitFor(async () => expect(await lastUsed()).not.toBeNull(), { timeout: 10_000 });
    const first = await lastUsed();
    await api.send("GET", "/whoami", { bearer });
    await sleep(100);
    expect(await lastUsed()).toEqual(first);
  });
});

describe("the role of an operation", () => {
  test("is judged before the body is read", async () => {
    const bearer = await api.token({ role: "viewer", organizationId: api.world.a.id });
    for (const text of ["not JSON", "x".repeat(2 * 1024 * 1024), '{"unknown":1}']) {
      const { status, body } = await api.send("POST", "/administrators", { bearer, text });
      expect([status, body.error?.code]).toEqual([403, "forbidden"]);
    }
    const asAdmin = await api.send("POST", "/administrators", { text: "not JSON" });
    expect([asAdmin.status, asAdmin.body.error?.code]).toEqual([400, "invalid_request"]);
  });

  test("is judged without reading the stream of the body", async () => {
    const bearer = await api.token({ role: "viewer", organizationId: api.world.a.id });
    let pulled = 0;
    const body = new ReadableStream(
      {
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(Buffer.from("{"));
        },
      },
      { highWaterMark: 0 },
    );
    const init = {
      method: "POST",
      body,
      duplex: "half",
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    };
    const { status } = await api.answer(new Request("http://portal.test/api/admin/v1/administrators", init));
    expect([status, pulled]).toEqual([403, 0]);
  });
});

describe("a response of the Admin API", () => {
  test("has its own request id and is never cached", async () => {
    const received = [
      await api.send("GET", "/whoami"),
      await api.send("GET", "/export?format=csv"),
      await api.send("GET", "/nothing"),
      await api.send("PUT", "/whoami"),
      await api.send("GET", "/unexpected-error"),
      await api.send("GET", "/whoami", { bearer: null }),
      await api.send("DELETE", `/things/${api.world.a.id}`),
    ];
    expect(received.map(({ status }) => status)).toEqual([200, 200, 404, 405, 500, 401, 204]);
    const ids = received.map(({ headers }) => headers.get("x-request-id"));
    expect(new Set(ids).size).toBe(received.length);
    for (const [at, id] of ids.entries()) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(received[at]?.headers.get("cache-control")).toBe("no-store");
    }
  });

  test("is a CSV download with `format=csv`, else JSON", async () => {
    const { text, headers } = await api.send("GET", "/export?format=csv");
    expect([text, headers.get("content-type"), headers.get("content-disposition")]).toEqual([
      "a,b\n",
      "text/csv; charset=utf-8",
      'attachment; filename="things.csv"',
    ]);
    expect((await api.send("GET", "/export?format=json")).text).toBe("{}");
    expect((await api.send("GET", "/export?format=xml")).body.error?.param).toBe("format");
  });

  test("is empty after a deletion", async () => {
    expect((await api.send("DELETE", `/things/${api.world.a.id}`)).text).toBe("");
  });

  test("lists the allowed methods for a wrong one", async () => {
    const { status, headers, body } = await api.send("PATCH", "/things");
    expect([status, headers.get("allow"), body.error?.code]).toEqual([405, "POST", "method_not_allowed"]);
  });

  test("hides the details of an unexpected error, and logs them with the request's id", async () => {
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    const { status, headers, text, body } = await api.send("GET", "/unexpected-error");
    expect([status, body.error?.code]).toEqual([500, "internal_error"]);
    expect(text).not.toMatch(/postgres|password/);
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({
        request_id: headers.get("x-request-id"),
        operation: "GET /unexpected-error",
      }),
      expect.any(String),
    );
  });

  test("is 503 with `retry-after` while the database is unavailable", async () => {
    const { status, headers, body } = await api.send("GET", "/database-away");
    expect([status, headers.get("retry-after"), body.error?.code]).toEqual([503, "1", "service_unavailable"]);
  });

  test("is logged without the bearer, the query or the body", async () => {
    const logged = vi.spyOn(log, "info").mockReturnValue(undefined);
    await api.send("POST", "/things", { body: { name: "private name" } });
    await api.send("GET", "/whoami?search=private");
    const text = JSON.stringify(logged.mock.calls);
    expect(text).toContain("POST /things");
    expect(text).toContain("admin_api_key");
    expect(text).not.toMatch(new RegExp(`private|${ADMIN_API_KEY}`));
  });
});

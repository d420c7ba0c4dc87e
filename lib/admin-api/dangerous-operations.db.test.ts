import { describe, expect, test } from "vitest";
import type { Role } from "#lib/auth/actor";
import { operations } from "./operations";
import { COLUMNS, dangerousRows } from "./testing/dangerous-operations";
import { databaseDigest } from "./testing/database-digest";
import { nameOf } from "./testing/operation-samples";
import { type Call, rightsApiOfFile } from "./testing/rights-api";

const api = await rightsApiOfFile();
const rows = dangerousRows(api);
const [, ORG_ADMIN, MEMBER, VIEWER] = COLUMNS;

describe("a dangerous operation, by who asks", () => {
  test.each(rows)("%s", async (_what, call, statuses) => {
    const before = await databaseDigest(api.world.db);
    const received: string[] = [];
    const expected: string[] = [];
    for (const [at, status] of statuses.split(/ +/).entries()) {
      const caller = api.caller(COLUMNS[at] ?? "");
      const answer = Number(status) < 400 ? await api.tryOut(caller, call) : await api.send(caller, call);
      expected.push(`${caller.name}: ${status}`);
      received.push(`${caller.name}: ${answer.status}`);
    }
    expect(expected).toHaveLength(COLUMNS.length);
    expect(received).toEqual(expected);
    expect(await databaseDigest(api.world.db)).toEqual(before);
  });

  test("is rejected with 401 without credentials of the control plane", async () => {
    const others = api.callers.filter(({ name }) => !COLUMNS.some((column) => column === name));
    expect(others.map(({ name }) => name)).toEqual([
      "an expired token",
      "anonymous",
      "an API key",
      "an API key in x-api-key",
      "an app's secret as a bearer",
      "an app",
    ]);
    for (const caller of others) {
      for (const [what, call] of rows) {
        expect([caller.name, what, (await api.send(caller, call)).status]).toEqual([caller.name, what, 401]);
      }
    }
  });
});

describe("what is one's own", () => {
  const own = (caller: string) => {
    const target = api.selfOf(api.caller(caller));
    if (target === null) throw new Error(`${caller} is no person of the tenant`);
    return target;
  };
  const changes = (path: string, body: object): Call => ({ method: "PATCH", path, body });
  const asMember = (body: object) => changes(`/api-keys/${own(MEMBER).key}`, body);

  test.each<[string, string, Call, number]>([
    ["a member renames their key", MEMBER, asMember({ name: "n" }), 200],
    ["a member does not choose their key's models", MEMBER, asMember({ allowed_models: [] }), 403],
    ["a member does not choose their key's addresses", MEMBER, asMember({ allowed_ips: ["::1"] }), 403],
    [
      "a member does not choose their key's end",
      MEMBER,
      asMember({ expires_at: "2099-01-01T00:00:00Z" }),
      403,
    ],
    [
      "a member does not set their key's budget",
      MEMBER,
      asMember({ budget: { limit_usd: "9", period: "month" } }),
      403,
    ],
    [
      "a member does not give themselves a role",
      MEMBER,
      changes(`/users/${own(MEMBER).user}`, { role: "org_admin" }),
      403,
    ],
    [
      "an org_admin does not make themselves an administrator",
      ORG_ADMIN,
      changes(`/users/${own(ORG_ADMIN).user}`, { role: "admin" }),
      403,
    ],
    [
      "an org_admin does not set even their own password",
      ORG_ADMIN,
      changes(`/users/${own(ORG_ADMIN).user}`, { password: "a long enough password" }),
      403,
    ],
    [
      "an org_admin does not delete themselves",
      ORG_ADMIN,
      { method: "DELETE", path: `/users/${own(ORG_ADMIN).user}`, body: null },
      409,
    ],
    [
      "a viewer ends their own sessions",
      VIEWER,
      { method: "DELETE", path: `/users/${own(VIEWER).user}/sessions`, body: null },
      204,
    ],
  ])("%s", async (_what, caller, call, status) => {
    const before = await databaseDigest(api.world.db);
    const send = status < 400 ? api.tryOut : api.send;
    expect((await send(api.caller(caller), call)).status).toBe(status);
    expect(await databaseDigest(api.world.db)).toEqual(before);
  });
});

test("only these operations that change something are open below org_admin", () => {
  const named = (least: Role) =>
    operations.filter(({ role, method }) => role === least && method !== "GET").map(nameOf);
  expect(named("viewer")).toEqual([
    "DELETE /users/{id}/sessions",
    "DELETE /users/{id}/sessions/{session_id}",
    // Changes nothing: a POST so that the key is in no address.
    "POST /api-keys/find",
    "POST /notices/{id}/read",
  ]);
  expect(named("member")).toEqual([
    "POST /api-keys",
    "PATCH /api-keys/{id}",
    "DELETE /api-keys/{id}",
    "POST /api-keys/{id}/revoke",
    "POST /api-keys/{id}/rotate",
  ]);
});

test("these operations are only for administrators, apart from those that also judge it by the row", () => {
  expect(operations.filter(({ role }) => role === "admin").map(nameOf)).toEqual([
    "POST /organizations",
    "POST /providers",
    "GET /providers",
    "GET /providers/{id}",
    "PATCH /providers/{id}",
    "DELETE /providers/{id}",
    "POST /providers/{id}/test",
    "GET /providers/{id}/models",
    "GET /providers/{id}/price",
    "GET /provider-presets",
    "POST /models",
    "PATCH /models/{id}",
    "POST /models/{id}/explain",
    "DELETE /models/{id}",
    "POST /prices/import",
    "POST /adjustments",
    "GET /reconciliation",
    "GET /reconciliation/provider-usage",
    "POST /encryption-key/rotate",
  ]);
});

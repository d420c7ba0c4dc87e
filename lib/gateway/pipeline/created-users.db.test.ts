import { beforeEach, describe, expect, test } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import { callerDirectory } from "#lib/auth/caller-directory";
import { openHotDatabase } from "#lib/db/client";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const database = await createTestDatabase();
const gate = await testGateway({ database, models: [{ name: "alpha", upstreamModel: "instant" }] });
const { organization } = gate.seeded.ids;
const secret = newApiKey("app");
await gate.sql`INSERT INTO apps ${gate.sql({
  name: "CRM",
  external_id: "crm",
  organization_id: organization,
  secret_hash: gate.hashSecret(secret),
})}`;
const app = { authorization: "", "x-gateway-secret": secret, "x-app-id": "crm" };

beforeEach(async () => {
  await gate.sql`DELETE FROM users WHERE created_by_app IS NOT NULL`;
  await gate.sql`UPDATE apps SET create_users = true, max_created_users = 3, disabled = false`;
});

const ask = (oid: string) =>
  gate.chat(
    { model: "alpha", messages: [{ role: "user", content: "Hello!" }] },
    { headers: { ...app, "x-user-oid": oid } },
  );
const statusOf = async (oid: string) => (await ask(oid)).status;
const created = () =>
  gate.sql`SELECT external_id, email, role, organization_id FROM users WHERE created_by_app IS NOT NULL ORDER BY external_id`;

describe("an app that creates users", () => {
  test("creates the user of an unknown x-user-oid, to whom the request belongs", async () => {
    const response = await ask("emp-17");
    expect(response.status).toBe(200);
    const [user] = await gate.sql`SELECT id FROM users WHERE external_id = 'emp-17'`;
    expect(await gate.rowOf(response)).toMatchObject({ user_id: user?.id, organization_id: organization });
    expect(await created()).toEqual([
      { external_id: "emp-17", email: null, role: "member", organization_id: organization },
    ]);
    const audit =
      await gate.sql`SELECT action, actor_name, after FROM audit_log WHERE subject_id = ${user?.id}`;
    expect(audit).toMatchObject([
      { action: "user.create", actor_name: "CRM", after: { external_id: "emp-17" } },
    ]);
    expect(await statusOf("emp-17")).toBe(200);
    expect(await created()).toHaveLength(1);
  });

  test("creates no more than it may, whatever comes at once on however many replicas", async () => {
    const hashSecret = gate.hashSecret;
    const replicas = Array.from({ length: 3 }, () => openHotDatabase(database.url));
    try {
      const findings = await Promise.all(
        Array.from({ length: 60 }, (_, at) => {
          const replica = replicas[at % 3];
          if (replica === undefined) throw new Error("no replica");
          const userOid = `person-${at % 10}`;
          return callerDirectory(replica, hashSecret).find({ kind: "app", secret, appId: "crm", userOid });
        }),
      );
      const users = await created();
      expect(users).toHaveLength(3);
      // All requests of those who were created are served, and no others.
      expect(findings.filter(({ found }) => found)).toHaveLength(18);
    } finally {
      await Promise.all(replicas.map((replica) => replica.close(1)));
    }
  });

  test("has room again when one of them is deleted", async () => {
    for (const oid of ["a", "b", "c"]) expect(await statusOf(oid)).toBe(200);
    expect(await statusOf("d")).toBe(401);
    await gate.sql`DELETE FROM users WHERE external_id = 'a'`;
    expect(await statusOf("d")).toBe(200);
  });

  test.each([
    ["it may create none", "UPDATE apps SET create_users = false", 401],
    ["it is full", "UPDATE apps SET max_created_users = 0", 401],
  ])("names the header in its 401 if %s", async (_what, change, status) => {
    await gate.sql.unsafe(change);
    const response = await ask("emp-18");
    expect(response.status).toBe(status);
    const { error } = await response.json();
    expect(error).toMatchObject({ code: "invalid_api_key", param: "x-user-oid" });
    expect(error.message).toContain("'x-user-oid'");
    expect(await created()).toEqual([]);
  });

  test("creates none while it is disabled or its organization suspended, or for a wrong secret", async () => {
    await gate.sql`UPDATE apps SET disabled = true`;
    expect(await statusOf("emp-19")).toBe(401);
    await gate.sql`UPDATE apps SET disabled = false`;
    await gate.sql`UPDATE organizations SET suspended_at = now()`;
    expect(await statusOf("emp-19")).toBe(401);
    await gate.sql`UPDATE organizations SET suspended_at = NULL`;
    const wrong = { ...app, "x-gateway-secret": newApiKey("app"), "x-user-oid": "emp-19" };
    expect((await gate.chat({ model: "alpha", messages: [] }, { headers: wrong })).status).toBe(401);
    expect(await created()).toEqual([]);
  });

  test("creates none for what is no external id", async () => {
    for (const oid of ["", "é".repeat(3), "x".repeat(201)]) expect(await statusOf(oid)).toBe(401);
    expect(await created()).toEqual([]);
  });
});

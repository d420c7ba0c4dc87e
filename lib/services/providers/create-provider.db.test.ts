import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Actor, SYSTEM } from "#lib/auth/actor";
import { open } from "#lib/config/seal";
import { type Db, openControlDb } from "#lib/db/client";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { createProvider } from "./create-provider";
import type { RoutingContext } from "./routing-context";

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openControlDb(database.url);
});
afterAll(async () => {
  await db.$client.end();
  await database.drop();
});

const encryptionKey = randomBytes(32).toString("base64");
const admin: Actor = {
  kind: "user",
  id: "0d7c1f6e-0000-4000-8000-000000000001",
  name: "Ada",
  email: "ada@example.com",
  role: "admin",
  organizationId: null,
};
const context = (change: Partial<RoutingContext> = {}): RoutingContext => ({
  db,
  actor: admin,
  config: { ENCRYPTION_KEY: encryptionKey, BLOCK_PRIVATE_UPSTREAMS: false },
  ...change,
});

describe("createProvider", () => {
  test("rejects a type that is not served, and names those that are", async () => {
    const input = { name: "x", type: "anthropic", credentials: { api_key: "k" } } as const;
    await expect(createProvider(context(), input)).rejects.toThrow(
      "Choose one of: openai, openai-compatible, simulated.",
    );
  });

  test("seals the credentials, and shows them nowhere", async () => {
    const made = await createProvider(context({ requestIp: "203.0.113.9" }), {
      name: "groq",
      type: "openai-compatible",
      base_url: "https://api.groq.com/openai/v1/",
      credentials: { api_key: "gsk-very-secret" },
    });
    expect(made).toMatchObject({
      name: "groq",
      base_url: "https://api.groq.com/openai/v1",
      has_credentials: true,
      enabled: true,
    });
    const [row] = await database.sql`SELECT * FROM providers WHERE id = ${made.id}`;
    expect(JSON.parse(open(row?.credentials, encryptionKey))).toEqual({ api_key: "gsk-very-secret" });
    const [audit] = await database.sql`SELECT * FROM audit_log WHERE subject_id = ${made.id}`;
    expect(audit).toMatchObject({
      action: "provider.create",
      subject_type: "provider",
      actor_id: admin.id,
      actor_name: "Ada",
      ip: "203.0.113.9",
    });
    expect(JSON.stringify([made, audit])).not.toContain("gsk");
  });

  test("raises the routing version, so that every replica reads it", async () => {
    const version = async () => (await database.sql`SELECT version FROM routing_state`)[0]?.version;
    const before = await version();
    await createProvider(context({ actor: SYSTEM }), {
      name: "simulated",
      type: "simulated",
      settings: { first_token_ms: 100 },
    });
    expect(BigInt(await version())).toBeGreaterThan(BigInt(before));
  });

  test("refuses a name that is taken, and leaves no trace of the attempt", async () => {
    const input = { name: "taken", type: "simulated" } as const;
    await createProvider(context(), input);
    await expect(createProvider(context(), input)).rejects.toMatchObject({
      code: "conflict",
      fields: { name: expect.any(String) },
    });
    const [count] =
      await database.sql`SELECT count(*)::int AS n FROM audit_log WHERE after->>'name' = 'taken'`;
    expect(count?.n).toBe(1);
  });

  test("is for administrators only", async () => {
    for (const role of ["org_admin", "member", "viewer"] as const) {
      const actor: Actor = { ...admin, role };
      await expect(
        createProvider(context({ actor }), { name: "x", type: "simulated" }),
      ).rejects.toMatchObject({
        code: "forbidden",
      });
    }
  });

  test.each([
    ["name", { name: "né", type: "simulated" as const }],
    ["base_url", { name: "x", type: "openai-compatible" as const }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "ftp://example.com" }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "https://user:pw@example.com" }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "https://example.com/v1?key=1" }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "http://169.254.169.254/v1" }],
    ["base_url", { name: "x", type: "openai-compatible" as const, base_url: "http://[fe80::1]/v1" }],
    ["credentials.api_key", { name: "x", type: "openai" as const }],
    ["credentials.api_key", { name: "x", type: "openai" as const, credentials: { api_key: "two\nlines" } }],
    ["settings.first_token_ms", { name: "x", type: "simulated" as const, settings: { first_token_ms: -1 } }],
    [
      "settings.reply_tokens",
      {
        name: "x",
        type: "openai-compatible" as const,
        base_url: "https://example.com",
        settings: { reply_tokens: 1 },
      },
    ],
    ["base_url", { name: "x", type: "simulated" as const, base_url: "https://example.com" }],
    ["credentials", { name: "x", type: "simulated" as const, credentials: { api_key: "k" } }],
    ["type", { name: "x", type: "anthropic" as const, credentials: { api_key: "k" } }],
  ])("says what is wrong with %s in %j", async (field, input) => {
    await expect(createProvider(context(), input)).rejects.toMatchObject({
      code: "invalid",
      fields: { [field]: expect.any(String) },
    });
  });

  test("names a field that it does not know", async () => {
    const surprise: Record<string, unknown> = { surprise: true };
    for (const [input, field] of [
      [{ name: "x", type: "simulated" as const, settings: surprise }, "settings.surprise"],
      [{ name: "x", type: "simulated" as const, ...surprise }, "surprise"],
    ] as const) {
      await expect(createProvider(context(), input)).rejects.toMatchObject({
        code: "invalid",
        message: expect.stringContaining("surprise"),
        fields: { [field]: expect.any(String) },
      });
    }
  });

  test("takes a private address, unless they are blocked", async () => {
    const input = { name: "local", type: "openai-compatible", base_url: "http://127.0.0.1:8000/v1" } as const;
    const config = { ENCRYPTION_KEY: encryptionKey, BLOCK_PRIVATE_UPSTREAMS: true };
    await expect(createProvider(context({ config }), input)).rejects.toMatchObject({ code: "invalid" });
    expect(await createProvider(context(), input)).toMatchObject({ has_credentials: false });
  });
});

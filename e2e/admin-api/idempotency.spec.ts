import { randomUUID } from "node:crypto";
import { expect, test } from "./api-test";
import { newTenant, unique } from "./resources";

const token = (name: string) => ({ name, role: "admin" });

test("runs a repeated create once, with the same response", async ({ api, gate }) => {
  const idempotencyKey = randomUUID();
  const name = `again ${idempotencyKey}`;
  const first = await api.adminKey.post("/admin-tokens", token(name), { idempotencyKey });
  const second = await api.adminKey.post("/admin-tokens", token(name), { idempotencyKey });
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.text).toBe(first.text);
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  const rows = await gate.sql`SELECT 1 FROM admin_tokens WHERE name = ${name}`;
  expect(rows.length).toBe(1);
  const kept = await gate.sql`SELECT answer FROM idempotency_keys WHERE key = ${idempotencyKey}`;
  expect(kept[0]?.answer.toString("latin1")).not.toContain(String(first.body.token));
});

test("runs concurrent creates once", async ({ api, gate }) => {
  const idempotencyKey = randomUUID();
  const name = `together ${idempotencyKey}`;
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => api.adminKey.post("/admin-tokens", token(name), { idempotencyKey })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect((await gate.sql`SELECT 1 FROM admin_tokens WHERE name = ${name}`).length).toBe(1);
});

test("a key belongs to one request of one caller, and a failure does not use it up", async ({ api }) => {
  const idempotencyKey = randomUUID();
  const failed = await api.adminKey.post("/admin-tokens", { name: "" }, { idempotencyKey });
  expect(failed.status).toBe(400);
  expect((await api.adminKey.post("/admin-tokens", token("one"), { idempotencyKey })).status).toBe(201);
  const other = await api.adminKey.post("/admin-tokens", token("two"), { idempotencyKey });
  expect([other.status, other.code, other.param]).toEqual([409, "idempotency_key_reused", "Idempotency-Key"]);
  const theirs = await api.adminToken.post("/admin-tokens", token("two"), { idempotencyKey });
  expect([theirs.status, theirs.headers.get("idempotent-replayed")]).toEqual([201, null]);
});

test("every create can be repeated, also if the response has a secret", async ({ api }) => {
  const { id: organization_id, userId: user_id } = await newTenant(api);
  const provider = await api.adminKey.post("/providers", { name: unique("first"), type: "simulated" });
  const price = { input_per_mtok: "1", output_per_mtok: "1" };
  const targets = [{ provider_id: provider.id, upstream_model: "x" }];
  const creates: [path: string, body: object][] = [
    ["/organizations", { name: unique("again") }],
    ["/users", { email: `${unique("again")}@example.com`, organization_id }],
    ["/api-keys", { name: "again", user_id }],
    ["/apps", { name: "again", organization_id }],
    ["/providers", { name: unique("again"), type: "simulated" }],
    ["/models", { name: unique("again"), targets, price }],
    ["/adjustments", { scope: { user_id }, amount_usd: "1", reason: "again" }],
  ];
  for (const [path, body] of creates) {
    const idempotencyKey = randomUUID();
    const first = await api.adminKey.post(path, body, { idempotencyKey });
    const second = await api.adminKey.post(path, body, { idempotencyKey });
    expect([first.status, second.status, second.text], path).toEqual([201, 201, first.text]);
    expect(second.headers.get("idempotent-replayed"), path).toBe("true");
  }
});

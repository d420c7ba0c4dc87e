import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditLog, idempotencyKeys, organizations } from "#lib/db/schema/identity";
import { forgetOldKeys } from "#lib/services/idempotency/forget-old-keys";
import { createTestApi, type TestApi } from "./testing/test-api";

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.world.drop());

describe("an Idempotency-Key", () => {
  const create = (
    key: string,
    name: string,
    more: { bearer?: string; fail?: "always" | "once"; wait_ms?: number } = {},
  ) => {
    const { bearer, ...rest } = more;
    return api.send("POST", "/things", {
      bearer,
      body: { name, ...rest },
      headers: { "idempotency-key": key },
    });
  };

  test("gives the same answer to the same request, secret and all, and does it once", async () => {
    const audited = await api.world.db.$count(auditLog);
    const first = await create("k-1", "once");
    const second = await create("k-1", "once");
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    expect(await api.world.db.$count(auditLog)).toBe(audited + 1);
  });

  test("is done once however many send it at the same time", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => create("k-many", "at the same time", { wait_ms: 50 })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
  });

  test("stands for one request only", async () => {
    await create("k-2", "first");
    const other = await create("k-2", "second");
    expect([other.status, other.body.error?.code, other.body.error?.param]).toEqual([
      409,
      "idempotency_key_reused",
      "Idempotency-Key",
    ]);
  });

  test("is each caller's own", async () => {
    const bearer = await api.token();
    const [mine, theirs] = [await create("k-3", "mine"), await create("k-3", "theirs", { bearer })];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.text).not.toBe(mine.text);
  });

  test("is not spent by a request that failed, which leaves nothing behind", async () => {
    const before = [await api.world.db.$count(organizations), await api.world.db.$count(auditLog)];
    expect((await create("k-4", "again", { fail: "always" })).status).toBe(400);
    expect((await create("k-4", "again", { fail: "always" })).headers.get("idempotent-replayed")).toBeNull();
    expect([await api.world.db.$count(organizations), await api.world.db.$count(auditLog)]).toEqual(before);
    expect((await create("k-4", "again")).status).toBe(201);
  });

  test("lets the next one try when the one that it waited for fails", async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => create("k-5", "taken over", { fail: "once", wait_ms: 50 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 400]);
    const told = answers.filter(({ status }) => status === 201);
    expect(told.map(({ headers }) => headers.get("idempotent-replayed")).sort()).toEqual([null, "true"]);
  });

  test("keeps its answer sealed", async () => {
    const { body } = await create("k-6", "sealed");
    const rows = await api.world.db.select().from(idempotencyKeys);
    const kept = rows.find(({ key }) => key === "k-6");
    expect(kept?.answer?.length).toBeGreaterThan(20);
    expect(kept?.answer?.toString("latin1")).not.toContain(String(body.secret));
  });

  test("ends after a day, also where nobody has deleted it yet", async () => {
    await create("k-7", "yesterday");
    await api.world.db.execute(
      sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'k-7'`,
    );
    const again = await create("k-7", "today");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, null]);
    expect((await create("k-7", "today")).text).toBe(again.text);
    await api.world.db.execute(
      sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'k-7'`,
    );
    expect(await forgetOldKeys(api.world.db)).toBe(1);
    expect(await forgetOldKeys(api.world.db)).toBe(0);
  });

  test.each(["", "a b", "x".repeat(256), "ü"])("is not %j", async (key) => {
    const answer = await create(key, "no");
    expect([answer.status, answer.body.error?.param]).toEqual([400, "Idempotency-Key"]);
  });

  test("is not asked for", async () => {
    const [one, two] = [
      await api.send("POST", "/things", { body: { name: "n1" } }),
      await api.send("POST", "/things", { body: { name: "n2" } }),
    ];
    expect([one.status, two.status]).toEqual([201, 201]);
  });
});

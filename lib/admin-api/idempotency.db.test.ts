import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { auditLog, idempotencyKeys, organizations } from "#lib/db/schema/identity";
import { deleteOldKeys } from "#lib/services/idempotency/delete-old-keys";
import { createTestApi } from "./testing/test-api";

const api = await createTestApi();

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

  test("runs a repeated request once and replays its answer, secret included", async () => {
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

  test("runs concurrent repetitions once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => create("k-many", "at the same time", { wait_ms: 50 })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
  });

  test("is rejected for a different request", async () => {
    await create("k-2", "first");
    const other = await create("k-2", "second");
    expect([other.status, other.body.error?.code, other.body.error?.param]).toEqual([
      409,
      "idempotency_key_reused",
      "Idempotency-Key",
    ]);
  });

  test("belongs to one caller", async () => {
    const bearer = await api.token();
    const [mine, theirs] = [await create("k-3", "mine"), await create("k-3", "theirs", { bearer })];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.text).not.toBe(mine.text);
  });

  test("stays unused after a failed request, which leaves nothing behind", async () => {
    const before = [await api.world.db.$count(organizations), await api.world.db.$count(auditLog)];
    expect((await create("k-4", "again", { fail: "always" })).status).toBe(400);
    expect((await create("k-4", "again", { fail: "always" })).headers.get("idempotent-replayed")).toBeNull();
    expect([await api.world.db.$count(organizations), await api.world.db.$count(auditLog)]).toEqual(before);
    expect((await create("k-4", "again")).status).toBe(201);
  });

  test("lets the next repetition run when the one it waited for fails", async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => create("k-5", "taken over", { fail: "once", wait_ms: 50 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 400]);
    const succeeded = answers.filter(({ status }) => status === 201);
    expect(succeeded.map(({ headers }) => headers.get("idempotent-replayed")).sort()).toEqual([null, "true"]);
  });

  test("stores its answer sealed", async () => {
    const { body } = await create("k-6", "sealed");
    const rows = await api.world.db.select().from(idempotencyKeys);
    const kept = rows.find(({ key }) => key === "k-6");
    expect(kept?.answer?.length).toBeGreaterThan(20);
    expect(kept?.answer?.toString("latin1")).not.toContain(String(body.secret));
  });

  test("does not replay an answer that was copied from another request's row", async () => {
    const { body } = await create("k-6a", "mine");
    await create("k-6b", "another");
    await api.world.db.execute(sql`update idempotency_keys k set answer = o.answer from idempotency_keys o
      where k.key = 'k-6b' and o.key = 'k-6a'`);
    const copied = await create("k-6b", "another");
    expect([copied.status, copied.body.error?.code]).toEqual([409, "conflict"]);
    expect(copied.text).toContain("cannot be decrypted");
    expect(copied.text).not.toContain(String(body.secret));
  });

  test("expires after a day, even before it is deleted", async () => {
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
    expect(await deleteOldKeys(api.world.db)).toBe(1);
    expect(await deleteOldKeys(api.world.db)).toBe(0);
  });

  test.each(["", "a b", "x".repeat(256), "ü"])("may not be %j", async (key) => {
    const answer = await create(key, "no");
    expect([answer.status, answer.body.error?.param]).toEqual([400, "Idempotency-Key"]);
  });

  test("is optional", async () => {
    const [one, two] = [
      await api.send("POST", "/things", { body: { name: "n1" } }),
      await api.send("POST", "/things", { body: { name: "n2" } }),
    ];
    expect([one.status, two.status]).toEqual([201, 201]);
  });
});

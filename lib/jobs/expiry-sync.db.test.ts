import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Db } from "#lib/db/client";
import { auditLog, jobRuns, users } from "#lib/db/schema/identity";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { dailyExpirySync, expirySync } from "./expiry-sync";

let database: TestDatabase;
let replicas: Db[];
let db: Db;
beforeEach(async () => {
  database = await createTestDatabase();
  replicas = [1, 2, 3].map(() => database.control(2));
  db = database.control(2);
});
afterEach(() => database.drop());

const addLateUser = async () => {
  const values = {
    email: `${randomUUID()}@example.com`,
    role: "admin" as const,
    paymentValidUntil: "2020-01-01",
    paymentStatus: "active" as const,
  };
  await db.insert(users).values(values);
};
const ranYesterday = () =>
  db.update(jobRuns).set({ endedAt: sql`date_trunc('day', now(), 'UTC') - interval '1 microsecond'` });

describe("the daily expiry sync", () => {
  test("runs on one replica of several at once", async () => {
    await addLateUser();
    const done = await Promise.all(replicas.map((replica) => dailyExpirySync(replica)));
    expect(done.filter((each) => each !== null)).toMatchObject([{ checked: 1, expired: 1 }]);
    expect(await db.$count(auditLog, eq(auditLog.actorId, "system"))).toBe(1);
  });

  test("does not repeat within the UTC day, even in a process started later", async () => {
    expect(await dailyExpirySync(db)).toMatchObject({ expired: 0 });
    await addLateUser();
    for (const replica of replicas) expect(await dailyExpirySync(replica)).toBeNull();
  });

  test("is due again from midnight, and catches up on days without a process", async () => {
    await dailyExpirySync(db);
    await addLateUser();
    await ranYesterday();
    expect(await dailyExpirySync(db)).toMatchObject({ expired: 1 });
    expect(await dailyExpirySync(db)).toBeNull();
  });

  test("is not recorded as done when it fails", async () => {
    await addLateUser();
    await db.execute(sql`alter table audit_log add constraint none check (false) not valid`);
    await expect(dailyExpirySync(db)).rejects.toThrow();
    await db.execute(sql`alter table audit_log drop constraint none`);
    expect(await dailyExpirySync(db)).toMatchObject({ expired: 1 });
  });

  test("runs whenever cron calls it, which completes the day", async () => {
    expect(await expirySync(db)).toMatchObject({ expired: 0 });
    await addLateUser();
    expect(await expirySync(db)).toMatchObject({ expired: 1 });
    expect(await expirySync(db)).toMatchObject({ checked: 1, expired: 0, timestamp: expect.any(String) });
    expect(await dailyExpirySync(db)).toBeNull();
  });
});

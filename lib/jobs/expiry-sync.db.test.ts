import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Db, openControlDb } from "#lib/db/client";
import { auditLog, jobRuns, users } from "#lib/db/schema/identity";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { dailyExpirySync, expirySync } from "./expiry-sync";

let database: TestDatabase;
let replicas: Db[];
let db: Db;
beforeEach(async () => {
  database = await createTestDatabase();
  replicas = [1, 2, 3].map(() => openControlDb(database.url, 2));
  db = openControlDb(database.url, 2);
});
afterEach(async () => {
  await Promise.all([...replicas, db].map((each) => each.$client.end({ timeout: 5 })));
  await database.drop();
});

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
  test("is done by one replica of all that come at once", async () => {
    await addLateUser();
    const done = await Promise.all(replicas.map((replica) => dailyExpirySync(replica)));
    expect(done.filter((each) => each !== null)).toMatchObject([{ checked: 1, expired: 1 }]);
    expect(await db.$count(auditLog, eq(auditLog.actorId, "system"))).toBe(1);
  });

  test("is not repeated within the UTC day, also by a process that starts later", async () => {
    expect(await dailyExpirySync(db)).toMatchObject({ expired: 0 });
    await addLateUser();
    for (const replica of replicas) expect(await dailyExpirySync(replica)).toBeNull();
  });

  test("is due again from midnight on, and catches up on days without a process", async () => {
    await dailyExpirySync(db);
    await addLateUser();
    await ranYesterday();
    expect(await dailyExpirySync(db)).toMatchObject({ expired: 1 });
    expect(await dailyExpirySync(db)).toBeNull();
  });

  test("that fails is not noted as done", async () => {
    await addLateUser();
    await db.execute(sql`alter table audit_log add constraint none check (false) not valid`);
    await expect(dailyExpirySync(db)).rejects.toThrow();
    await db.execute(sql`alter table audit_log drop constraint none`);
    expect(await dailyExpirySync(db)).toMatchObject({ expired: 1 });
  });

  test("is done by cron whenever it asks, and then needs no other", async () => {
    expect(await expirySync(db)).toMatchObject({ expired: 0 });
    await addLateUser();
    expect(await expirySync(db)).toMatchObject({ expired: 1 });
    expect(await expirySync(db)).toMatchObject({ checked: 1, expired: 0, timestamp: expect.any(String) });
    expect(await dailyExpirySync(db)).toBeNull();
  });
});

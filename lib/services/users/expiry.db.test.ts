import { randomUUID } from "node:crypto";
import { and, asc, eq, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { type Actor, SYSTEM } from "#lib/auth/actor";
import { auditLog, users } from "#lib/db/schema/identity";
import { day } from "#lib/services/testing/day";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { processesWaitedMs, stopwatch, waitedForCoreMs } from "#lib/testing/promptness";
import { createUser } from "./create-user";
import { getUser } from "./get-user";
import { listUsers } from "./list-users";
import { syncAllExpiry } from "./sync-all-expiry";
import { syncExpiry } from "./sync-expiry";
import { newUser } from "./testing/users";
import { updateUser } from "./update-user";

const world = await worldOfFile();

const make = (date: string | null, organizationId = world.a.id) =>
  createUser(world.as(world.admin), {
    email: `${randomUUID()}@example.com`,
    organization_id: organizationId,
    payment_valid_until: date,
  });
const statusAuditOf = (subjectId: string) =>
  world.db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.subjectId, subjectId), sql`${auditLog.action} like 'user.payment_%'`))
    .orderBy(asc(auditLog.id));
const storedStatus = async (id: string) =>
  (await world.db.select({ status: users.paymentStatus }).from(users).where(eq(users.id, id)))[0]?.status;

test("lists users whose payment ends within some days, today included", async () => {
  const metadata = { ends: "soon" };
  for (const offset of [-1, 0, 7, 8]) {
    await newUser(world, { name: `in ${offset}`, payment_valid_until: day(offset), metadata });
  }
  await newUser(world, { metadata });
  const within = async (payment_ends_within_days: number) =>
    (await listUsers(world.as(world.orgAdmin), { metadata, payment_ends_within_days })).data.map(
      ({ name }) => name,
    );
  expect(await within(0)).toEqual(["in 0"]);
  expect(await within(7)).toEqual(["in 7", "in 0"]);
  expect(await within(30)).toEqual(["in 8", "in 7", "in 0"]);
});

describe("payment_status", () => {
  test("follows the date, whatever status is stored", async () => {
    const { id } = await make(day(1));
    await world.db
      .update(users)
      .set({ paymentValidUntil: day(-1) })
      .where(eq(users.id, id));
    expect(await storedStatus(id)).toBe("active");
    expect(await getUser(world.as(world.orgAdmin), { id })).toMatchObject({ payment_status: "expired" });
  });

  test("becomes active with the update that extends the date, and none without a date", async () => {
    const { id } = await make(day(-1));
    const ctx = world.as(world.orgAdmin);
    await syncExpiry(ctx, { id });
    expect(await storedStatus(id)).toBe("expired");
    expect(await updateUser(ctx, { id, payment_valid_until: day(-2) })).toMatchObject({
      payment_status: "expired",
    });
    expect(await storedStatus(id)).toBe("expired");
    expect(await updateUser(ctx, { id, payment_valid_until: day(0) })).toMatchObject({
      payment_valid_until: day(0),
      payment_status: "active",
    });
    expect(await storedStatus(id)).toBe("active");
    expect(await updateUser(ctx, { id, payment_valid_until: null })).toMatchObject({
      payment_valid_until: null,
      payment_status: "none",
    });
    expect(await storedStatus(id)).toBe("none");
  });
});

describe("syncing one user", () => {
  test("returns the status and audits the expiry once", async () => {
    const { id, email } = await make(day(-1));
    const answer = {
      user_id: id,
      external_id: null,
      email,
      payment_valid_until: day(-1),
      payment_status: "expired",
      synced: true,
    };
    expect(await syncExpiry(world.as(world.orgAdmin), { id })).toEqual(answer);
    expect(await syncExpiry(world.as(world.admin), { id })).toEqual(answer);
    expect(await storedStatus(id)).toBe("expired");
    expect(await statusAuditOf(id)).toMatchObject([
      {
        action: "user.payment_expired",
        actorId: world.orgAdmin.id,
        actorName: world.orgAdmin.name,
        organizationId: world.a.id,
        before: { payment_status: "active" },
        after: { payment_status: "expired", payment_valid_until: day(-1) },
        ip: "192.0.2.7",
      },
    ]);
  });

  test("writes nothing for a user who has paid or has no date", async () => {
    for (const [date, status] of [
      [day(0), "active"],
      [null, "none"],
    ] as const) {
      const { id } = await make(date);
      expect(await syncExpiry(world.as(world.admin), { id })).toMatchObject({ payment_status: status });
      expect(await statusAuditOf(id)).toEqual([]);
    }
  });
});

describe("syncing all users", () => {
  test("updates each expired user once, among those that the actor administers", async () => {
    await syncAllExpiry({ db: world.db, actor: SYSTEM });
    const [ofA, ofB, paid] = [await make(day(-1)), await make(day(-1), world.b.id), await make(day(1))];
    const dated = (organizationId?: string) =>
      world.db.$count(
        users,
        and(
          sql`${users.paymentValidUntil} is not null`,
          organizationId ? eq(users.organizationId, organizationId) : undefined,
        ),
      );
    expect(await syncAllExpiry(world.as(world.orgAdmin))).toEqual({
      checked: await dated(world.a.id),
      expired: 1,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect([await storedStatus(ofA.id), await storedStatus(ofB.id), await storedStatus(paid.id)]).toEqual([
      "expired",
      "active",
      "active",
    ]);
    expect(await syncAllExpiry(world.as(world.admin))).toMatchObject({ checked: await dated(), expired: 1 });
    expect(await syncAllExpiry(world.as(world.admin))).toMatchObject({ expired: 0 });
    expect(await storedStatus(ofB.id)).toBe("expired");
    expect((await statusAuditOf(ofA.id)).length).toBe(1);
    expect(await statusAuditOf(ofB.id)).toMatchObject([
      { actorId: world.admin.id, organizationId: world.b.id },
    ]);
    expect(await statusAuditOf(paid.id)).toEqual([]);
  });

  test("corrects a wrong stored status", async () => {
    const [paid, undated] = [await make(day(1)), await make(null)];
    await world.db.update(users).set({ paymentStatus: "expired" }).where(eq(users.id, paid.id));
    await world.db.update(users).set({ paymentStatus: "active" }).where(eq(users.id, undated.id));
    expect(await syncAllExpiry({ db: world.db, actor: SYSTEM })).toMatchObject({ expired: 0 });
    expect([await storedStatus(paid.id), await storedStatus(undated.id)]).toEqual(["active", "none"]);
    expect(await statusAuditOf(paid.id)).toMatchObject([
      { action: "user.payment_active", actorId: "system", before: { payment_status: "expired" } },
    ]);
  });

  test("increments the version of changed users only", async () => {
    const [late, paid] = [await make(day(-1)), await make(day(1))];
    await syncAllExpiry({ db: world.db, actor: SYSTEM });
    const versionOf = async (id: string) =>
      (await world.db.select({ version: users.version }).from(users).where(eq(users.id, id)))[0]?.version;
    expect([await versionOf(late.id), await versionOf(paid.id)]).toEqual([2, 1]);
  });

  test("updates each user once when several run at the same time", async () => {
    for (let created = 0; created < 20; created++) await make(day(-1));
    const done = await Promise.all(
      Array.from({ length: 4 }, () => syncAllExpiry({ db: world.db, actor: SYSTEM })),
    );
    expect(done.reduce((sum, { expired }) => sum + expired, 0)).toBe(20);
  });

  test("is rejected for members, viewers and actors without an organization", async () => {
    const actors: Actor[] = [world.member, world.viewer, world.stray];
    for (const actor of actors) {
      await expectForbidden(() => syncAllExpiry(world.as(actor)));
    }
  });

  test("updates 100,000 newly expired users in under two seconds", async () => {
    await world.db.execute(sql`
      insert into users (email, organization_id, payment_valid_until, payment_status)
      select 'bulk' || n || '@example.com', ${world.b.id}::uuid, current_date - 2 - n % 7, 'active'
      from generate_series(1, 100000) n`);
    await world.db.execute(sql`analyze users`);
    const tookMs: number[] = [];
    const backends = await world.db.execute<{ pid: number }>(
      sql`select pid from pg_stat_activity where datname = current_database()`,
    );
    const pids = backends.map(({ pid }) => pid);
    // The best of six, without the time for which other processes had the cores.
    for (let round = 1; round <= 6 && Math.min(...tookMs) > 2000; round++) {
      const took = stopwatch(() => waitedForCoreMs() + processesWaitedMs(pids));
      const { checked, expired } = await syncAllExpiry({ db: world.db, actor: SYSTEM });
      tookMs.push(took());
      expect(expired).toBe(100_000);
      expect(checked).toBeGreaterThanOrEqual(100_000);
      const entries = await world.db.$count(auditLog, eq(auditLog.organizationId, world.b.id));
      expect(entries).toBeGreaterThan(round * 100_000);
      await world.db.execute(sql`update users set payment_status = 'active' where email like 'bulk%'`);
      await world.db.$client.unsafe("vacuum users");
    }
    expect(Math.min(...tookMs)).toBeLessThan(2000);
  });
});

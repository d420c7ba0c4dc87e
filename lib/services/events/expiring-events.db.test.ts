import { asc, eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { SYSTEM } from "#lib/auth/actor";
import { events } from "#lib/db/schema/events";
import { apiKeys, users } from "#lib/db/schema/identity";
import { worldOfFile } from "#lib/services/testing/world";
import { syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import { deleteOldEvents } from "./delete-old-events";
import { describeEvent } from "./describe-event";
import { raiseExpiringEvents } from "./raise-expiring-events";

const world = await worldOfFile();
const { db } = world;
beforeEach(async () => {
  await db.execute(sql`truncate events cascade`);
  await db.update(users).set({ paymentValidUntil: null, paymentStatus: "none" });
  await db.update(apiKeys).set({ expiresAt: null, revokedAt: null });
});

const outbox = () => db.select().from(events).orderBy(asc(events.createdAt));
const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const payUntil = (day: string) =>
  db
    .update(users)
    .set({ paymentValidUntil: day, paymentStatus: "active" })
    .where(eq(users.id, world.member.id));
const expireIn = (hours: number) =>
  db
    .update(apiKeys)
    .set({ expiresAt: new Date(Date.now() + hours * 3_600_000) })
    .where(eq(apiKeys.id, world.a.memberKey));

describe("a payment", () => {
  test.each([0, 7])("that ends in %i days is told of once", async (days) => {
    await payUntil(dayIn(days));
    expect(await raiseExpiringEvents(db)).toBe(1);
    expect(await raiseExpiringEvents(db)).toBe(0);
    const [event, ...others] = await outbox();
    expect([event, others]).toMatchObject([
      {
        type: "payment.expiring",
        organizationId: world.a.id,
        userId: world.member.id,
        data: { user_id: world.member.id, email: "member@example.com", payment_valid_until: dayIn(days) },
      },
      [],
    ]);
  });

  test("that ends in more than a week, or has ended, is not told of as expiring", async () => {
    await payUntil(dayIn(8));
    expect(await raiseExpiringEvents(db)).toBe(0);
    await payUntil(dayIn(-1));
    expect(await raiseExpiringEvents(db)).toBe(0);
  });

  test("that is extended is told of again before its new end", async () => {
    await payUntil(dayIn(2));
    await raiseExpiringEvents(db);
    await payUntil(dayIn(5));
    expect(await raiseExpiringEvents(db)).toBe(1);
  });

  test("that has expired is told of by the sync that stores it, once", async () => {
    await payUntil(dayIn(-2));
    const sync = () => syncAllExpiry({ db, actor: SYSTEM });
    expect((await sync()).expired).toBe(1);
    await payUntil(dayIn(-2));
    expect((await sync()).expired).toBe(1);
    const all = await outbox();
    expect(all).toMatchObject([{ type: "payment.expired", userId: world.member.id }]);
    expect(all.map(describeEvent)).toEqual([`The payment of member expired after ${dayIn(-2)}.`]);
  });
});

describe("a key", () => {
  test("that expires within a week is told of once, and again with another end", async () => {
    await expireIn(24 * 7 - 1);
    expect(await raiseExpiringEvents(db)).toBe(1);
    expect(await raiseExpiringEvents(db)).toBe(0);
    expect(await outbox()).toMatchObject([
      {
        type: "key.expiring",
        userId: world.member.id,
        data: { api_key_id: world.a.memberKey, name: "a-member", expires_at: expect.stringMatching(/Z$/) },
      },
    ]);
    await expireIn(24);
    expect(await raiseExpiringEvents(db)).toBe(1);
  });

  test("that has expired, expires later or is revoked is not told of", async () => {
    for (const hours of [-1, 24 * 8]) {
      await expireIn(hours);
      expect(await raiseExpiringEvents(db)).toBe(0);
    }
    await expireIn(1);
    await db.update(apiKeys).set({ revokedAt: new Date() });
    expect(await raiseExpiringEvents(db)).toBe(0);
  });
});

test("events are deleted after their retention", async () => {
  await payUntil(dayIn(1));
  await raiseExpiringEvents(db);
  const now = Date.now();
  expect(await deleteOldEvents(db, 90, new Date(now + 89 * 86_400_000))).toBe(0);
  expect(await deleteOldEvents(db, 90, new Date(now + 91 * 86_400_000))).toBe(1);
});

test("events are kept until what they tell of is over, however short their retention", async () => {
  await payUntil(dayIn(7));
  await raiseExpiringEvents(db);
  await deleteOldEvents(db, 1, new Date(Date.now() + 7 * 86_400_000));
  expect(await raiseExpiringEvents(db)).toBe(0);
});

test("the ids of what happens once are UUIDs to every reader", async () => {
  for (let days = 0; days <= 7; days++) {
    await payUntil(dayIn(days));
    await expireIn(days + 1);
    await raiseExpiringEvents(db);
  }
  const ids = (await outbox()).map(({ id }) => id);
  expect(ids.length).toBeGreaterThanOrEqual(14);
  for (const id of ids) expect(z.uuid().safeParse(id), id).toMatchObject({ success: true });
});

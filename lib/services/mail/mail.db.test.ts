import { asc, eq, inArray, sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { type EventType, events } from "#lib/db/schema/events";
import { users } from "#lib/db/schema/identity";
import { mails } from "#lib/db/schema/mail";
import { invites } from "#lib/db/schema/sessions";
import { deleteOldEvents } from "#lib/services/events/delete-old-events";
import { dispatchEvents } from "#lib/services/events/dispatch-events";
import { ENCRYPTION_KEY } from "#lib/services/testing/context";
import { worldOfFile } from "#lib/services/testing/world";
import { createUser } from "#lib/services/users/create-user";
import { deleteUser } from "#lib/services/users/delete-user";
import { inviteUser } from "#lib/services/users/invite-user";
import { updateUser } from "#lib/services/users/update-user";
import { firstRow } from "#lib/testing/first-row";
import { freePort } from "#lib/testing/listening";
import { deliverMail } from "./deliver-mail";
import { mailServerOfFile, PORTAL_URL, transportTo } from "./testing/mail-server";
import { decoded } from "./testing/start-mail-server";

const world = await worldOfFile();
const { db } = world;
const server = await mailServerOfFile();
const reachable = transportTo(server.url);
const unreachable = transportTo(`smtp://127.0.0.1:${await freePort()}`);

let aheadMs = 0;
beforeEach(async () => {
  aheadMs = 0;
  server.delivered.length = 0;
  server.reject(null);
  await db.execute(sql`truncate events, mails cascade`);
});

const send = (transport = reachable) =>
  deliverMail(
    db,
    {
      transport,
      keys: { ENCRYPTION_KEY },
      portalUrl: PORTAL_URL,
      now: () => new Date(Date.now() + aheadMs),
      random: () => 0.5,
    },
    60_000,
  );

const DATA = {
  "key.expiring": { name: "Schlüssel ☂", key_prefix: "tg_test_", expires_at: "2026-12-01T00:00:00.000Z" },
  "payment.expired": { email: "member@example.com", name: null, payment_valid_until: "2026-11-01" },
  "budget.exhausted": {
    scope: { type: "organization", name: "A" },
    period: "month",
    limit_usd: "10",
    percent: 100,
    spent_usd: "10",
  },
} as const;
async function happen(
  type: keyof typeof DATA & EventType,
  rest: Partial<typeof events.$inferInsert> = {},
): Promise<string> {
  const values = { type, organizationId: world.a.id, data: DATA[type], ...rest };
  const { id } = firstRow(await db.insert(events).values(values).returning({ id: events.id }));
  await dispatchEvents(db, { withMail: true });
  return id;
}
const queued = () => db.select().from(mails).orderBy(asc(mails.toAddress));
const recipients = () => server.delivered.map(({ to }) => to).sort();
const personOf = (actor: Actor) => (actor.kind === "user" ? actor.id : "");
describe("a notice by mail", () => {
  test("says what happened, in UTF-8, from the portal's host", async () => {
    await happen("key.expiring", { userId: personOf(world.member) });
    expect(await send()).toBe(1);
    const [mail] = server.delivered;
    expect(mail).toMatchObject({ to: "member@example.com", from: "tollgate@tollgate.example.com" });
    expect(mail?.source).toMatch(/^Subject: \[Tollgate\] A key expires soon\r$/m);
    const body = Buffer.from(decoded(mail?.source), "latin1").toString("utf8");
    expect(body).toContain('The key "Schlüssel ☂" (tg_test_…) expires at 2026-12-01 00:00 UTC.');
    expect(body).toContain(PORTAL_URL);
  });

  test("goes to the person alone about their payment and keys", async () => {
    await happen("payment.expired", { userId: personOf(world.member) });
    await send();
    expect(recipients()).toEqual(["member@example.com"]);
  });

  test("goes to those who administer the organization, and to the person whose budget it is", async () => {
    await happen("budget.exhausted", { userId: personOf(world.other) });
    await happen("key.expiring");
    await send();
    expect(recipients()).toEqual(["org-admin@example.com", "org-admin@example.com", "other@example.com"]);
  });

  test("goes to administrators about what belongs to the installation", async () => {
    await happen("key.expiring", { organizationId: null });
    await send();
    expect(recipients()).toEqual(["admin@example.com"]);
  });

  test("is sent once, however many processes send at once, and not at all without a mail server", async () => {
    await happen("budget.exhausted");
    await Promise.all([send(), send(), send()]);
    expect(recipients()).toEqual(["org-admin@example.com"]);
    await db
      .insert(events)
      .values({ type: "budget.exhausted", organizationId: world.a.id, data: DATA["budget.exhausted"] });
    await dispatchEvents(db, { withMail: false });
    expect(await send()).toBe(0);
  });

  test("is deleted after its retention", async () => {
    await happen("budget.exhausted");
    const later = new Date(Date.now() + 11 * 86_400_000);
    await deleteOldEvents(db, 10, later);
    expect(await queued()).toHaveLength(1);
    await send();
    await deleteOldEvents(db, 10, later);
    expect(await queued()).toEqual([]);
  });
});

describe("a mail server", () => {
  test("that cannot be reached gets the mail later, with one attempt a run", async () => {
    await happen("budget.exhausted", { userId: personOf(world.member) });
    expect(await send(unreachable)).toBe(0);
    const rows = await queued();
    expect(rows.map(({ status }) => status)).toEqual(["pending", "pending"]);
    expect(rows.map(({ attempts }) => attempts).sort()).toEqual([0, 1]);
    expect(rows.map(({ error }) => error).filter(Boolean)).toEqual([expect.stringContaining("ECONNREFUSED")]);
    aheadMs += 10_000;
    expect(await send()).toBe(2);
    expect(await queued()).toMatchObject([{ status: "sent" }, { status: "sent" }]);
  });

  test("that rejects an address for good is not asked again, and others are served", async () => {
    await happen("budget.exhausted", { userId: personOf(world.member) });
    server.reject(550, "member@example.com");
    expect(await send()).toBe(1);
    expect(recipients()).toEqual(["org-admin@example.com"]);
    expect(await queued()).toMatchObject([
      { status: "failed", attempts: 1, error: expect.stringContaining("550") },
      { status: "sent" },
    ]);
  });

  test("that rejects for now is asked again", async () => {
    await happen("budget.exhausted");
    server.reject(451);
    await send();
    expect(await queued()).toMatchObject([{ status: "pending", attempts: 1 }]);
    server.reject(null);
    aheadMs += 10_000;
    expect(await send()).toBe(1);
  });
});

describe("an invite", () => {
  const invite = async (configured: boolean) => {
    const ctx = world.as(world.orgAdmin);
    const config = { ...ctx.config, SMTP_URL: configured ? server.url : undefined };
    const email = `invited-${configured}@example.com`;
    const user = await createUser(ctx, { email }).catch(() => null);
    const found = await db.execute<{ id: string }>(sql`select id from users where email = ${email}`);
    return { email, ...(await inviteUser({ ...ctx, config }, { id: user?.id ?? firstRow([...found]).id })) };
  };

  test("is mailed with its link, which is stored sealed and only until then", async () => {
    const { email, url, mailed } = await invite(true);
    expect(mailed).toBe(true);
    const [row] = await queued();
    expect(row?.link?.toString("latin1")).not.toContain(url);
    expect(await send()).toBe(1);
    expect(server.delivered[0]).toMatchObject({ to: email });
    expect(decoded(server.delivered[0]?.source)).toContain(url);
    expect(await queued()).toMatchObject([{ status: "sent", link: null }]);
  });

  test("that replaces another replaces its mail", async () => {
    await invite(true);
    const { url } = await invite(true);
    await send();
    expect(server.delivered.map(({ source }) => decoded(source).includes(url))).toEqual([true]);
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ["has expired", (id) => db.update(invites).set({ expiresAt: sql`now()` }).where(eq(invites.userId, id))],
    ["was for another address", (id) => updateUser(world.as(world.orgAdmin), { id, email: "b@example.com" })],
    ["is of a deleted user", (id) => deleteUser(world.as(world.orgAdmin), { id })],
  ])("that %s meanwhile is not mailed", async (_, end) => {
    const { email } = await invite(true);
    await send(unreachable);
    const invited = firstRow(await db.select().from(users).where(eq(users.email, email)));
    await end(invited.id);
    aheadMs += 10_000;
    await send();
    expect(server.delivered).toEqual([]);
    expect(await queued()).toMatchObject([{ status: "sent", link: null }]);
    await db.delete(users).where(inArray(users.email, [email, "b@example.com"]));
  });

  test("is not mailed without a mail server", async () => {
    expect(await invite(false)).toMatchObject({ mailed: false, url: expect.stringContaining("/invite/") });
    expect(await queued()).toEqual([]);
  });
});

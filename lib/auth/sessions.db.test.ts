import { eq } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { users } from "#lib/db/schema/identity";
import { sessions } from "#lib/db/schema/sessions";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { firstRow } from "#lib/testing/first-row";
import { readSession, requireOpen, SessionEnded } from "./read-actor";
import { signOut, switchMembership } from "./session-record";
import { auditOf, createMembership, createOrganization, createPerson } from "./testing/people";
import { PASSWORD, passwordSignIn } from "./testing/sign-in-with-password";

const db = (await databaseOfFile()).control(2);
const { sessionOf, actorOf } = passwordSignIn(db);
const a = await createOrganization(db, "A");
const b = await createOrganization(db, "B");

describe("a session", () => {
  const person = (email: string) =>
    createPerson(db, { email, organizationId: a, password: PASSWORD, role: "org_admin" });

  test("has the current role of its user", async () => {
    const { userId } = await person("demoted@example.com");
    const session = await sessionOf("demoted@example.com");
    expect(await actorOf(session)).toMatchObject({ id: userId, role: "org_admin", sessionId: session });
    await db.update(users).set({ role: "viewer" }).where(eq(users.id, userId));
    expect(await actorOf(session)).toMatchObject({ role: "viewer" });
  });

  test.each<[string, (ids: { userId: string; session: string }) => Promise<unknown>]>([
    ["its user is deleted", ({ userId }) => db.delete(users).where(eq(users.id, userId))],
    [
      "another account takes the membership over",
      ({ userId }) => db.update(users).set({ accountId: null }).where(eq(users.id, userId)),
    ],
    [
      "its time is over",
      ({ session }) => db.update(sessions).set({ expiresAt: new Date() }).where(eq(sessions.id, session)),
    ],
    ["its row is deleted", ({ session }) => db.delete(sessions).where(eq(sessions.id, session))],
  ])("ends when %s", async (what, change) => {
    const email = `${what.replaceAll(" ", "-")}@example.com`;
    const { userId } = await person(email);
    const session = await sessionOf(email);
    expect(await actorOf(session)).toMatchObject({ id: userId });
    await change({ userId, session });
    expect(await actorOf(session)).toBeNull();
  });

  test("ends at the sign-out, and no other with it", async () => {
    const { userId } = await person("leaving@example.com");
    const [first, second] = [await sessionOf("leaving@example.com"), await sessionOf("leaving@example.com")];
    await signOut(db, first, "192.0.2.9");
    expect(await actorOf(first)).toBeNull();
    await expect(requireOpen(db, { sessionId: first })).rejects.toThrow(SessionEnded);
    await requireOpen(db, { sessionId: second });
    await expect(requireOpen(db, { sessionId: "" })).rejects.toThrow(SessionEnded);
    expect(await actorOf(second)).toMatchObject({ id: userId });
    expect((await auditOf(db, userId))[0]).toMatchObject({
      action: "user.sign_out",
      actorId: userId,
      organizationId: a,
      before: { session_id: first },
      ip: "192.0.2.9",
    });
    await signOut(db, first, null);
    expect((await auditOf(db, userId))[0]).toMatchObject({
      action: "user.sign_out",
      before: { session_id: first },
    });
  });

  test("records when it was last seen, at most once a minute", async () => {
    await person("seen@example.com");
    const id = await sessionOf("seen@example.com");
    const seenAt = async () =>
      firstRow(await db.select().from(sessions).where(eq(sessions.id, id))).lastSeenAt.getTime();
    const atFirst = await seenAt();
    await actorOf(id);
    expect(await seenAt()).toBe(atFirst);
    await db
      .update(sessions)
      .set({ lastSeenAt: new Date(atFirst - 61_000) })
      .where(eq(sessions.id, id));
    await actorOf(id);
    await vi.waitFor(async () => expect(await seenAt()).toBeGreaterThanOrEqual(atFirst), { timeout: 15_000 });
  });

  test("acts as one membership at a time, and only as those of its account", async () => {
    const email = "switching@example.com";
    const values = { email, organizationId: a, password: PASSWORD, confirmed: true };
    const { accountId, userId } = await createPerson(db, values);
    const other = await createMembership(db, { email, organizationId: b, role: "viewer", accountId });
    const stranger = await person("stranger@example.com");
    const session = await sessionOf(email);
    expect(await readSession(db, { sessionId: session })).toMatchObject({ memberships: 2, accountId });
    expect(await switchMembership(db, session, other, "192.0.2.9")).toBe(true);
    expect(await actorOf(session)).toMatchObject({ id: other, role: "viewer", organizationId: b });
    expect((await auditOf(db, other))[0]).toMatchObject({
      action: "user.switch_organization",
      organizationId: b,
    });
    expect(await switchMembership(db, session, stranger.userId, null)).toBe(false);
    expect(await actorOf(session)).toMatchObject({ id: other });
    await signOut(db, session, null);
    expect(await switchMembership(db, session, userId, null)).toBe(false);
  });

  test("is one of at most fifty of an account: the oldest end", async () => {
    const { accountId, userId } = await person("often@example.com");
    const expiresAt = new Date(Date.now() + 3_600_000);
    const createdAt = new Date(Date.now() - 60_000);
    await db
      .insert(sessions)
      .values(Array.from({ length: 60 }, () => ({ accountId, userId, expiresAt, createdAt })));
    const newest = await sessionOf("often@example.com");
    expect(await db.$count(sessions, eq(sessions.accountId, accountId))).toBe(50);
    expect(await actorOf(newest)).not.toBeNull();
  });

  test("is invalid without a known id", async () => {
    for (const id of ["", "' or true --", "00000000-0000-4000-8000-000000000000"]) {
      expect(await actorOf(id)).toBeNull();
    }
  });
});

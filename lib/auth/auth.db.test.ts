import { eq } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { accounts, auditLog, signInFailures, users } from "#lib/db/schema/identity";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { auditFailure, MOST_AUDITED } from "./audit-failure";
import { hashPassword } from "./password";
import { switchMembership } from "./session-record";
import { signIn } from "./sign-in";
import {
  auditOf,
  confirmAccount,
  createMembership,
  createOrganization,
  createPerson,
  digest,
  newOrigin,
} from "./testing/people";
import { PASSWORD, passwordSignIn } from "./testing/sign-in-with-password";

const db = (await databaseOfFile()).control(2);
const { tryToSignIn, sessionOf, actorOf } = passwordSignIn(db);
const a = await createOrganization(db, "A");
const b = await createOrganization(db, "B");

describe("signing in", () => {
  test("accepts the right password, and the e-mail in any case", async () => {
    const { userId } = await createPerson(db, {
      email: "Ada@Example.com",
      organizationId: a,
      password: PASSWORD,
    });
    const session = await tryToSignIn({ email: " aDA@example.COM ", password: PASSWORD });
    expect(session).toMatchObject({ email: "Ada@Example.com" });
    expect(await actorOf(session?.id ?? "")).toMatchObject({ kind: "user", id: userId, organizationId: a });
  });

  test("rejects everything else in the same way", async () => {
    await createPerson(db, { email: "no-password@example.com", organizationId: a });
    await createMembership(db, { email: "invited@example.com", organizationId: a });
    for (const credentials of [
      { email: "ada@example.com", password: "toll road 8" },
      { email: "ada@example.com", password: "" },
      { email: "unknown@example.com", password: PASSWORD },
      { email: "no-password@example.com", password: "" },
      { email: "no-password@example.com", password: PASSWORD },
      { email: "invited@example.com", password: PASSWORD },
      { email: "ada@example.com", password: "x".repeat(100_000) },
      { email: "ada@example.com" },
      { email: "ada@example.com\u0000", password: PASSWORD },
      { email: ["ada@example.com"], password: { toString: "x" } },
      undefined,
    ]) {
      expect(await tryToSignIn(credentials)).toBeNull();
    }
  });

  test("rejects an account without a membership", async () => {
    const { userId } = await createPerson(db, {
      email: "left@example.com",
      organizationId: a,
      password: PASSWORD,
    });
    await db.delete(users).where(eq(users.id, userId));
    expect(await tryToSignIn({ email: "left@example.com", password: PASSWORD })).toBeNull();
  });

  test("returns nothing that could be used to sign in", async () => {
    const signedIn = await tryToSignIn({ email: "ada@example.com", password: PASSWORD });
    const [account] = await db.select().from(accounts).where(eq(accounts.email, "Ada@Example.com"));
    expect(JSON.stringify(signedIn)).not.toContain(account?.passwordHash);
    expect(JSON.stringify(signedIn)).not.toContain("toll road");
  });

  test("goes to the membership that was used last, at first to the oldest", async () => {
    const email = "two@example.com";
    const { accountId, userId } = await createPerson(db, {
      email,
      organizationId: a,
      password: PASSWORD,
      confirmed: true,
    });
    const other = await createMembership(db, { email, organizationId: b, accountId });
    const first = await sessionOf(email);
    expect(await actorOf(first)).toMatchObject({ id: userId, organizationId: a });
    expect(await switchMembership(db, first, other, null)).toBe(true);
    expect(await actorOf(await sessionOf(email))).toMatchObject({ id: other, organizationId: b });
    await db.delete(users).where(eq(users.id, other));
    expect(await actorOf(await sessionOf(email))).toMatchObject({ id: userId });
  });
});

describe("several accounts with one e-mail address", () => {
  test("are told apart by their passwords", async () => {
    const email = "same@example.com";
    const ofA = await createPerson(db, { email, organizationId: a, password: "password of A" });
    const ofB = await createPerson(db, { email, organizationId: b, password: "password of B" });
    expect(await actorOf(await sessionOf(email, "password of A"))).toMatchObject({ id: ofA.userId });
    expect(await actorOf(await sessionOf(email, "password of B"))).toMatchObject({ id: ofB.userId });
    expect(await tryToSignIn({ email, password: "password of C" })).toBeNull();
  });

  test("with one password: the confirmed one signs in, otherwise the one used last", async () => {
    const email = "equal@example.com";
    const older = await createPerson(db, { email, organizationId: a, password: PASSWORD });
    const newer = await createPerson(db, { email, organizationId: b, password: PASSWORD });
    const used = async (accountId: string, lastSignInAt: Date) =>
      db.update(accounts).set({ lastSignInAt }).where(eq(accounts.id, accountId));
    await used(older.accountId, new Date("2026-11-02"));
    await used(newer.accountId, new Date("2026-11-01"));
    expect(await actorOf(await sessionOf(email))).toMatchObject({ id: older.userId });
    await confirmAccount(db, newer.userId);
    expect(await actorOf(await sessionOf(email))).toMatchObject({ id: newer.userId });
  });

  test("get the salt of a changed address at the next sign-in", async () => {
    const { accountId } = await createPerson(db, { email: "old@example.com", organizationId: a });
    const passwordHash = await hashPassword(PASSWORD);
    const values = { email: "changed-address@example.com", passwordHash };
    await db.update(accounts).set(values).where(eq(accounts.id, accountId));
    await sessionOf("changed-address@example.com");
    const [after] = await db.select().from(accounts).where(eq(accounts.id, accountId));
    expect(after?.passwordHash).not.toBe(passwordHash);
    await sessionOf("changed-address@example.com");
    const [again] = await db.select().from(accounts).where(eq(accounts.id, accountId));
    expect(again?.passwordHash).toBe(after?.passwordHash);
  });
});

describe("the audit log", () => {
  test("has each sign-in, in the organization that it enters", async () => {
    const email = "audited@example.com";
    const { userId } = await createPerson(db, { email, organizationId: a, password: PASSWORD });
    const origin = newOrigin();
    await signIn(db, { email, password: PASSWORD }, origin);
    expect((await auditOf(db, userId))[0]).toMatchObject({
      action: "user.sign_in",
      actorId: userId,
      actorName: email,
      organizationId: a,
      after: { method: "password", session_id: expect.any(String), user_agent: origin.userAgent },
      ip: origin.address,
    });
  });

  test("has failed sign-ins of a known address, in no organization", async () => {
    const email = "attacked@example.com";
    const { accountId } = await createPerson(db, { email, organizationId: a, password: PASSWORD });
    const origin = newOrigin();
    for (let time = 0; time < 3; time++) await signIn(db, { email, password: "wrong" }, origin);
    await vi.waitFor(async () => expect(await auditOf(db, accountId)).toHaveLength(3), { timeout: 15_000 });
    expect((await auditOf(db, accountId))[0]).toMatchObject({
      action: "account.sign_in_failed",
      organizationId: null,
      after: { email },
      ip: origin.address,
    });
  });

  test("has few rows for unknown addresses, and not what was typed", async () => {
    const origin = newOrigin();
    for (let time = 0; time < 12; time++) {
      await signIn(db, { email: `hunter${time}`, password: "wrong" }, origin);
    }
    const rows = () =>
      db
        .select()
        .from(auditLog)
        .where(eq(auditLog.ip, origin.address ?? ""));
    await vi.waitFor(async () => expect(await rows()).toHaveLength(2), { timeout: 15_000 });
    expect(JSON.stringify(await rows())).not.toContain("hunter");
    expect((await rows()).map(({ after }) => after)).toEqual([
      { failures_from_address: 1 },
      { failures_from_address: 5 },
    ]);
  });

  test.each([
    ["known", MOST_AUDITED.known],
    ["unknown", MOST_AUDITED.unknown],
  ] as const)("has a bounded number of failures of %s addresses in 15 minutes", async (kind, limit) => {
    const subject = digest(`audited sign-in failures, ${kind}`);
    const counter = { subject, failures: limit - 1, windowStartedAt: new Date() };
    await db
      .insert(signInFailures)
      .values(counter)
      .onConflictDoUpdate({ target: signInFailures.subject, set: counter });
    const address = `198.51.100.${kind.length}`;
    const { accountId } = await createPerson(db, { email: `capped-${kind}@example.com`, organizationId: a });
    const failure = { accountId: kind === "known" ? accountId : null, fromAddress: 1, digest };
    const email = `capped-${kind}@example.com`;
    for (let time = 0; time < 3; time++) await auditFailure(db, { email, address }, failure);
    const rows = await db.select().from(auditLog).where(eq(auditLog.ip, address));
    expect(rows).toMatchObject([{ after: { note: expect.stringContaining("not recorded") } }]);
    await db.delete(signInFailures).where(eq(signInFailures.subject, subject));
  });
});

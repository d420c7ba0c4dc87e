import { eq } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { accounts, auditLog, users } from "#lib/db/schema/identity";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { log } from "#lib/observability/log";
import { resolveOidcOrganization } from "./oidc-organization";
import { readActor } from "./read-actor";
import { signIn } from "./sign-in";
import {
  accountOf,
  auditOf,
  createMembership,
  createOrganization,
  createPerson,
  newOrigin,
} from "./testing/people";
import { IP, ISSUER, singleSignOn } from "./testing/single-sign-on";

const db = (await databaseOfFile()).control();
const { admit, admitted } = singleSignOn(db);
const organizationId = await createOrganization(db, "Example");
const elsewhere = await createOrganization(db, "Elsewhere");

describe("a membership with the verified address", () => {
  test("is joined to a new confirmed account at the first single sign-on, and audited", async () => {
    const id = await createMembership(db, { email: "Grace@Example.com", organizationId, role: "org_admin" });
    const actor = await admitted({ sub: "grace", email: "grace@example.COM", name: "Another Name" });
    expect(actor).toMatchObject({
      id,
      email: "Grace@Example.com",
      role: "org_admin",
      name: "Grace@Example.com",
    });
    expect(await accountOf(db, id)).toMatchObject({
      oidcIssuer: ISSUER,
      oidcSubject: "grace",
      emailConfirmedAt: expect.any(Date),
      homeOrganizationId: null,
    });
    expect((await auditOf(db, id)).map(({ action }) => action)).toEqual(["user.sign_in", "user.link"]);
    expect((await auditOf(db, id))[1]).toMatchObject({
      actorId: "system",
      organizationId,
      before: { oidc_subject: null },
      after: { oidc_issuer: ISSUER, oidc_subject: "grace" },
      ip: IP,
    });
  });

  test("is then found by issuer and subject, whatever the address there", async () => {
    const before = await db.$count(auditLog, eq(auditLog.action, "user.link"));
    for (const email of ["grace@elsewhere.example", null, undefined]) {
      const actor = await admitted({ sub: "grace", email, email_verified: false });
      expect(actor).toMatchObject({ email: "Grace@Example.com" });
    }
    expect(await db.$count(auditLog, eq(auditLog.action, "user.link"))).toBe(before);
  });

  test.each([
    ["no", false],
    ["unsaid", undefined],
    ["nothing", null],
    ["a-word", "false"],
    ["a-number", 1],
  ])("is not joined while the address is not verified: %s", async (label, email_verified) => {
    const email = `${label}@example.com`;
    const id = await createMembership(db, { email, organizationId });
    expect(await admit({ sub: label, email, email_verified })).toEqual({
      admitted: false,
      reason: "sso-email-not-verified",
    });
    expect(await accountOf(db, id)).toBeUndefined();
  });

  test('is joined by Cognito\'s string "true"', async () => {
    await createMembership(db, { email: "cognito@example.com", organizationId });
    const given = { sub: "cognito", email: "cognito@example.com", email_verified: "true" };
    expect(await admit(given)).toMatchObject({ admitted: true });
  });

  test("is not joined once its person signs in with another account: that takes an invite", async () => {
    const email = "joining@example.com";
    const values = { email, organizationId, confirmed: true, oidc: { issuer: ISSUER, subject: "joining" } };
    const { userId } = await createPerson(db, values);
    const waiting = await createMembership(db, { email, organizationId: elsewhere });
    expect(await admitted({ sub: "joining", email })).toMatchObject({ id: userId });
    expect(await accountOf(db, waiting)).toBeUndefined();
  });
});

const enter = (email: string, password: string) => signIn(db, { email, password }, newOrigin());

describe("an account without single sign-on", () => {
  test("that is confirmed is bound, keeps its password, and its sessions end", async () => {
    const email = "bound@example.com";
    const { userId } = await createPerson(db, {
      email,
      organizationId,
      password: "toll road 7",
      confirmed: true,
    });
    const before = await enter(email, "toll road 7");
    expect(await admitted({ sub: "bound", email })).toMatchObject({ id: userId });
    expect(await accountOf(db, userId)).toMatchObject({ oidcSubject: "bound" });
    if (before.outcome !== "signed_in") throw new Error("not signed in");
    expect(await readActor(db, { sessionId: before.session.id })).toBeNull();
    expect(await enter(email, "toll road 7")).toMatchObject({ outcome: "signed_in" });
  });

  test("that a link made is confirmed without its password, which its maker knows", async () => {
    const email = "claimed@example.com";
    const { userId } = await createPerson(db, { email, organizationId, password: "a password by link" });
    const before = await enter(email, "a password by link");
    expect(await admitted({ sub: "claimed", email })).toMatchObject({ id: userId });
    expect(await accountOf(db, userId)).toMatchObject({
      emailConfirmedAt: expect.any(Date),
      passwordHash: null,
      homeOrganizationId: null,
    });
    if (before.outcome !== "signed_in") throw new Error("not signed in");
    expect(await readActor(db, { sessionId: before.session.id })).toBeNull();
    expect(await enter(email, "a password by link")).toEqual({ outcome: "rejected" });
    expect((await auditOf(db, userId)).map(({ after }) => after)).toContainEqual(
      expect.objectContaining({ oidc_subject: "claimed", password: "removed" }),
    );
  });

  test("becomes one with the others that links made for the address", async () => {
    const email = "merged@example.com";
    const ofA = await createPerson(db, { email, organizationId, password: "password of A" });
    const ofB = await createPerson(db, { email, organizationId: elsewhere, password: "password of B" });
    await admitted({ sub: "merged", email });
    const [account, other] = [await accountOf(db, ofA.userId), await accountOf(db, ofB.userId)];
    expect(account?.id).toBe(other?.id);
    expect(account).toMatchObject({ passwordHash: null, oidcSubject: "merged" });
    expect(await db.$count(accounts, eq(accounts.email, email))).toBe(1);
  });

  test("of an administrator of the installation keeps its password", async () => {
    const email = "operator@example.com";
    const values = { email, organizationId: null, role: "admin", password: "toll road 7" } as const;
    const { userId } = await createPerson(db, values);
    expect(await admitted({ sub: "operator", email })).toMatchObject({ id: userId, role: "admin" });
    expect(await enter(email, "toll road 7")).toMatchObject({ outcome: "signed_in" });
  });
});

describe("a bound account", () => {
  const person = (email: string, issuer: string, subject: string) =>
    createPerson(db, { email, organizationId, confirmed: true, oidc: { issuer, subject } });

  test("is not given to the next owner of the address at the same issuer", async () => {
    const { userId } = await person("reused@example.com", ISSUER, "first-owner");
    expect(await admit({ sub: "second-owner", email: "reused@example.com" })).toEqual({
      admitted: false,
      reason: "sso-linked",
    });
    expect(await accountOf(db, userId)).toMatchObject({ oidcSubject: "first-owner" });
    expect(await auditOf(db, userId)).toEqual([]);
  });

  test("does not change when the issuer gives its person the address of another account", async () => {
    const ours = await person("ours@example.com", ISSUER, "ours");
    const theirs = await person("theirs@example.com", ISSUER, "theirs");
    expect(await admitted({ sub: "ours", email: "theirs@example.com" })).toMatchObject({ id: ours.userId });
    expect(await accountOf(db, ours.userId)).toMatchObject({ email: "ours@example.com" });
    expect(await accountOf(db, theirs.userId)).toMatchObject({ oidcSubject: "theirs" });
  });

  test("is bound again after the installation changes the issuer", async () => {
    const { userId } = await person("moved@example.com", "https://old.example.com", "7");
    expect(await admitted({ sub: "moved", email: "moved@example.com" })).toMatchObject({ id: userId });
    expect((await auditOf(db, userId))[1]).toMatchObject({
      before: { oidc_issuer: "https://old.example.com", oidc_subject: "7" },
    });
  });

  test("is not the same subject at another issuer", async () => {
    const other = { iss: "https://other.example.com", sub: "grace", email: "unknown@example.com" };
    expect(await admit(other)).toEqual({ admitted: false, reason: "sso-unknown" });
  });
});

describe("a new user", () => {
  const userOf = async (email: string) => (await db.select().from(users).where(eq(users.email, email)))[0];

  test("is rejected by default, and nothing is created", async () => {
    const given = { sub: "new", email: "new@example.com" };
    expect(await admit(given)).toEqual({ admitted: false, reason: "sso-unknown" });
    expect(await userOf("new@example.com")).toBeUndefined();
    expect(await db.$count(accounts, eq(accounts.email, "new@example.com"))).toBe(0);
  });

  test.each([
    ["name", () => "Example"],
    ["id", () => organizationId],
  ])("becomes a member of the organization given by %s, and is audited", async (by, newUsersJoin) => {
    const email = `new-${by}@example.com`;
    const given = { sub: `new-${by}`, email, name: " Ada Lovelace " };
    await resolveOidcOrganization(db, newUsersJoin());
    expect(await admit(given, { newUsersJoin: newUsersJoin() })).toMatchObject({ admitted: true });
    const user = await userOf(email);
    expect(user).toMatchObject({ name: "Ada Lovelace", role: "member", organizationId });
    expect(await accountOf(db, user?.id ?? "")).toMatchObject({
      email,
      oidcSubject: `new-${by}`,
      passwordHash: null,
    });
    expect((await auditOf(db, user?.id ?? ""))[1]).toMatchObject({
      action: "user.create",
      actorId: "system",
      organizationId,
      after: { email, role: "member", organization_id: organizationId, oidc_subject: `new-${by}` },
      ip: IP,
    });
  });

  test("is rejected with an unverified address, even if new users may join", async () => {
    const given = { sub: "fake", email: "fake@example.com", email_verified: false };
    expect(await admit(given, { newUsersJoin: "Example" })).toMatchObject({ admitted: false });
    expect(await userOf("fake@example.com")).toBeUndefined();
  });

  test("is rejected if the organization does not exist, and an error is logged", async () => {
    const logged = vi.spyOn(log, "error").mockImplementation(() => {});
    const given = { sub: "lost", email: "lost@example.com" };
    expect(await admit(given, { newUsersJoin: "Exampel" })).toEqual({
      admitted: false,
      reason: "sso-not-set-up",
    });
    expect(logged).toHaveBeenCalledWith(
      { organization: "Exampel", reason: "missing" },
      expect.stringContaining("OIDC_ORGANIZATION"),
    );
    logged.mockRestore();
  });

  test("is created once by concurrent sign-ins", async () => {
    const given = { sub: "twice", email: "twice@example.com" };
    await resolveOidcOrganization(db, "Example");
    const admissions = await Promise.all(
      Array.from({ length: 12 }, () => admit(given, { newUsersJoin: "Example" })),
    );
    const user = await userOf("twice@example.com");
    for (const admission of admissions) expect(admission).toMatchObject({ admitted: true });
    expect(await db.$count(accounts, eq(accounts.email, "twice@example.com"))).toBe(1);
    const created = (await auditOf(db, user?.id ?? "")).filter(({ action }) => action === "user.create");
    expect(created).toHaveLength(1);
  });
});

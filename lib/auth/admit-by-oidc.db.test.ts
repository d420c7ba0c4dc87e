import { desc, eq } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { auditLog, organizations, users } from "#lib/db/schema/identity";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { log } from "#lib/observability/log";
import { firstRow } from "#lib/testing/first-row";
import { admitByOidc } from "./admit-by-oidc";
import { OidcClaims } from "./oidc-claims";
import { readActor } from "./read-actor";

const ISSUER = "https://login.example.com";
const IP = "192.0.2.7";
const EXISTING_ONLY = { newUsersJoin: null };

const db = (await databaseOfFile()).control();
const { id: organizationId } = firstRow(
  await db.insert(organizations).values({ name: "Example" }).returning(),
);

/** Claims as they come from an issuer. */
const claims = (given: Record<string, unknown>) =>
  OidcClaims.parse({ iss: ISSUER, sub: "1", email_verified: true, ...given });

async function person(email: string, oidcSubject: string | null = null): Promise<string> {
  const values = { email, organizationId, role: "org_admin" as const, oidcSubject, passwordHash: "scrypt$…" };
  return firstRow(await db.insert(users).values(values).returning({ id: users.id })).id;
}

async function userOf(email: string) {
  const [user] = await db.select().from(users).where(eq(users.email, email));
  return user;
}

async function lastAudit(subjectId: string) {
  const [row] = await db
    .select()
    .from(auditLog)
    .where(eq(auditLog.subjectId, subjectId))
    .orderBy(desc(auditLog.id));
  return row;
}

describe("a user known by e-mail", () => {
  test("is linked at the first single sign-on, unchanged, and audited", async () => {
    const id = await person("Grace@Example.com");
    const admission = await admitByOidc(
      db,
      EXISTING_ONLY,
      claims({ sub: "grace", email: "grace@example.COM", name: "Another Name" }),
      IP,
    );
    expect(admission).toMatchObject({ admitted: true, user: { id, email: "Grace@Example.com" } });
    expect(await userOf("Grace@Example.com")).toMatchObject({
      oidcSubject: `${ISSUER} grace`,
      role: "org_admin",
      name: null,
      passwordHash: "scrypt$…",
    });
    expect(await lastAudit(id)).toMatchObject({
      action: "user.link",
      actorId: "system",
      organizationId,
      before: { oidc_subject: null },
      after: { oidc_subject: `${ISSUER} grace` },
      ip: IP,
    });
  });

  test("is then found by the issuer's subject, even under a new address", async () => {
    const before = await db.$count(auditLog);
    for (const email of ["grace@elsewhere.example", null, undefined]) {
      const admission = await admitByOidc(
        db,
        EXISTING_ONLY,
        claims({ sub: "grace", email, email_verified: false }),
        IP,
      );
      expect(admission).toMatchObject({ admitted: true, user: { email: "Grace@Example.com" } });
    }
    expect(await db.$count(auditLog)).toBe(before);
  });

  test.each([
    ["no", false],
    ["unsaid", undefined],
    ["nothing", null],
    ["a-word", "false"],
    ["a-number", 1],
  ])("is rejected while the address is not verified: %s", async (label, email_verified) => {
    const email = `${label}@example.com`;
    await person(email);
    expect(await admitByOidc(db, EXISTING_ONLY, claims({ sub: label, email, email_verified }), IP)).toEqual({
      admitted: false,
      reason: "sso-email-not-verified",
    });
    expect(await userOf(email)).toMatchObject({ oidcSubject: null });
  });

  test('is verified by Cognito\'s string "true"', async () => {
    await person("cognito@example.com");
    const given = claims({ sub: "cognito", email: "cognito@example.com", email_verified: "true" });
    expect(await admitByOidc(db, EXISTING_ONLY, given, IP)).toMatchObject({ admitted: true });
  });

  test("is not linked to the next owner of the address at the same issuer", async () => {
    const id = await person("reused@example.com", `${ISSUER} first-owner`);
    const next = claims({ sub: "second-owner", email: "reused@example.com" });
    expect(await admitByOidc(db, EXISTING_ONLY, next, IP)).toEqual({ admitted: false, reason: "sso-linked" });
    expect(await userOf("reused@example.com")).toMatchObject({ oidcSubject: `${ISSUER} first-owner` });
    expect(await lastAudit(id)).toBeUndefined();
  });

  test("is linked again after the installation changes the issuer", async () => {
    const id = await person("moved@example.com", "https://old.example.com 7");
    const moved = claims({ sub: "moved", email: "moved@example.com" });
    expect(await admitByOidc(db, EXISTING_ONLY, moved, IP)).toMatchObject({ admitted: true, user: { id } });
    expect(await lastAudit(id)).toMatchObject({ before: { oidc_subject: "https://old.example.com 7" } });
  });

  test("is not the same subject at another issuer", async () => {
    const other = claims({ iss: "https://other.example.com", sub: "grace", email: "unknown@example.com" });
    expect(await admitByOidc(db, EXISTING_ONLY, other, IP)).toEqual({
      admitted: false,
      reason: "sso-unknown",
    });
  });
});

describe("a new user", () => {
  test("is rejected by default, and not created", async () => {
    const given = claims({ sub: "new", email: "new@example.com" });
    expect(await admitByOidc(db, EXISTING_ONLY, given, IP)).toEqual({
      admitted: false,
      reason: "sso-unknown",
    });
    expect(await userOf("new@example.com")).toBeUndefined();
  });

  test.each([
    ["name", () => "Example"],
    ["id", () => organizationId],
  ])("becomes a member of the organization given by %s, and is audited", async (by, newUsersJoin) => {
    const email = `new-${by}@example.com`;
    const given = claims({ sub: `new-${by}`, email, name: " Ada Lovelace " });
    const admission = await admitByOidc(db, { newUsersJoin: newUsersJoin() }, given, IP);
    const user = await userOf(email);
    expect(user).toMatchObject({ name: "Ada Lovelace", role: "member", organizationId, passwordHash: null });
    expect(admission).toMatchObject({ admitted: true, user: { id: user?.id } });
    expect(await lastAudit(user?.id ?? "")).toMatchObject({
      action: "user.create",
      actorId: "system",
      organizationId,
      after: { email, role: "member", organization_id: organizationId, oidc_subject: `${ISSUER} new-${by}` },
      ip: IP,
    });
  });

  test("has a session without a password, which ends with the link", async () => {
    const given = claims({ sub: "session", email: "session@example.com" });
    const admission = await admitByOidc(db, { newUsersJoin: "Example" }, given, IP);
    if (!admission.admitted) throw new Error("not admitted");
    const session = { userId: admission.user.id, stamp: admission.user.stamp };
    expect(await readActor(db, session)).toMatchObject({ id: admission.user.id, role: "member" });
    await db.update(users).set({ oidcSubject: null }).where(eq(users.id, admission.user.id));
    expect(await readActor(db, session)).toBeNull();
  });

  test("is rejected with an unverified address, even if new users may join", async () => {
    const given = claims({ sub: "fake", email: "fake@example.com", email_verified: false });
    expect(await admitByOidc(db, { newUsersJoin: "Example" }, given, IP)).toMatchObject({ admitted: false });
    expect(await userOf("fake@example.com")).toBeUndefined();
  });

  test("is rejected if the organization does not exist, and an error is logged", async () => {
    const logged = vi.spyOn(log, "error").mockImplementation(() => {});
    const given = claims({ sub: "lost", email: "lost@example.com" });
    expect(await admitByOidc(db, { newUsersJoin: "Exampel" }, given, IP)).toEqual({
      admitted: false,
      reason: "sso-not-set-up",
    });
    expect(logged).toHaveBeenCalledWith(
      { organization: "Exampel" },
      expect.stringContaining("OIDC_ORGANIZATION"),
    );
    logged.mockRestore();
  });

  test("is created once by concurrent sign-ins", async () => {
    const given = claims({ sub: "twice", email: "twice@example.com" });
    const admissions = await Promise.all(
      Array.from({ length: 12 }, () => admitByOidc(db, { newUsersJoin: "Example" }, given, IP)),
    );
    const user = await userOf("twice@example.com");
    for (const admission of admissions) {
      expect(admission).toMatchObject({ admitted: true, user: { id: user?.id } });
    }
    expect(await db.$count(auditLog, eq(auditLog.subjectId, user?.id ?? ""))).toBe(1);
  });
});

import { desc, eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { accounts, auditLog, organizations, users } from "#lib/db/schema/identity";
import { invites } from "#lib/db/schema/sessions";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { firstRow } from "#lib/testing/first-row";
import { admitByOidc } from "./admit-by-oidc";
import { newInviteToken } from "./invite";
import { OidcClaims } from "./oidc-claims";
import { readActor } from "./read-actor";
import { createMembership, createPerson, digest } from "./testing/people";

const ISSUER = "https://login.example.com";
const IP = "192.0.2.7";
const EXISTING_ONLY = { newUsersJoin: null };
const REQUEST = { origin: { address: IP, userAgent: null }, hashSecret: digest };

const db = (await databaseOfFile()).control();
const organization = async (name: string) =>
  firstRow(await db.insert(organizations).values({ name }).returning({ id: organizations.id })).id;
const organizationId = await organization("Example");
const elsewhere = await organization("Elsewhere");

/** Claims as they come from an issuer. */
const claims = (given: Record<string, unknown>) =>
  OidcClaims.parse({ iss: ISSUER, sub: "1", email_verified: true, ...given });

const admit = (given: Record<string, unknown>, settings: { newUsersJoin: string | null } = EXISTING_ONLY) =>
  admitByOidc(db, settings, claims(given), REQUEST);

/** @returns the user that the person acts as */
async function admitted(given: Record<string, unknown>, settings = EXISTING_ONLY) {
  const admission = await admit(given, settings);
  if (!admission.admitted) throw new Error(admission.reason);
  const actor = await readActor(db, { sessionId: admission.session.id });
  if (actor === null) throw new Error("no session");
  return actor;
}

async function invited(email: string, inOrganization: string) {
  const userId = await createMembership(db, { email, organizationId: inOrganization });
  const invite = newInviteToken();
  const expiresAt = new Date(Date.now() + 60_000);
  await db.insert(invites).values({ userId, tokenHash: digest(invite), expiresAt });
  return {
    userId,
    accept: (given: object) => admitByOidc(db, EXISTING_ONLY, claims({ ...given }), { ...REQUEST, invite }),
  };
}

const accountOf = async (userId: string) => {
  const [row] = await db
    .select()
    .from(accounts)
    .innerJoin(users, eq(users.accountId, accounts.id))
    .where(eq(users.id, userId));
  return row?.accounts;
};
const _auditOf = (subjectId: string) =>
  db.select().from(auditLog).where(eq(auditLog.subjectId, subjectId)).orderBy(desc(auditLog.id));

describe("an invite", () => {
  test("is accepted with the account of the issuer's person, whatever its address", async () => {
    const values = { email: "ada@home.example", organizationId, confirmed: true };
    const first = await createPerson(db, { ...values, oidc: { issuer: ISSUER, subject: "ada" } });
    const { userId, accept } = await invited("ada@work.example", elsewhere);
    const admission = await accept({ sub: "ada", email: "ada@home.example" });
    expect(admission).toMatchObject({ admitted: true, session: { email: "ada@work.example" } });
    expect((await accountOf(userId))?.id).toBe(first.accountId);
    expect(await accept({ sub: "ada", email: "ada@home.example" })).toEqual({
      admitted: false,
      reason: "invite-invalid",
    });
  });

  test("makes an account for a person without one: confirmed if the address is verified", async () => {
    const one = await invited("one@work.example", organizationId);
    await one.accept({ sub: "new-one", email: "one@home.example" });
    expect(await accountOf(one.userId)).toMatchObject({
      email: "one@home.example",
      emailConfirmedAt: expect.any(Date),
    });
    const two = await invited("two@work.example", organizationId);
    await two.accept({ sub: "new-two", email: "two@home.example", email_verified: false });
    expect(await accountOf(two.userId)).toMatchObject({
      email: "two@work.example",
      emailConfirmedAt: null,
      homeOrganizationId: organizationId,
      oidcSubject: "new-two",
    });
  });

  test("is accepted by the same sign-in that joins its address", async () => {
    const { userId, accept } = await invited("both@example.com", organizationId);
    const admission = await accept({ sub: "both", email: "both@example.com" });
    expect(admission).toMatchObject({ admitted: true, session: { email: "both@example.com" } });
    expect(await accountOf(userId)).toMatchObject({ oidcSubject: "both" });
    expect(await db.$count(invites, eq(invites.userId, userId))).toBe(0);
  });

  test("of another organization is not accepted with an unconfirmed account", async () => {
    const first = await invited("stays@example.com", organizationId);
    await first.accept({ sub: "stays", email: "stays@example.com", email_verified: false });
    const { userId, accept } = await invited("stays@example.com", elsewhere);
    expect(await accept({ sub: "stays", email: "stays@example.com", email_verified: false })).toEqual({
      admitted: false,
      reason: "invite-unconfirmed",
    });
    expect(await accountOf(userId)).toBeUndefined();
  });

  test("makes an account that is confirmed when the issuer verifies its address later", async () => {
    const { userId, accept } = await invited("later@example.com", organizationId);
    await accept({ sub: "later", email: "later@example.com", email_verified: false });
    expect(await accountOf(userId)).toMatchObject({
      emailConfirmedAt: null,
      homeOrganizationId: organizationId,
    });
    await admitted({ sub: "later", email: "another@example.com" });
    expect(await accountOf(userId)).toMatchObject({ emailConfirmedAt: null });
    await admitted({ sub: "later", email: "Later@Example.com" });
    expect(await accountOf(userId)).toMatchObject({
      emailConfirmedAt: expect.any(Date),
      homeOrganizationId: null,
    });
  });
});

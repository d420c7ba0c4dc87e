import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { invites } from "#lib/db/schema/sessions";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { accountOf, createOrganization, createPerson } from "./testing/people";
import { ISSUER, singleSignOn } from "./testing/single-sign-on";

const db = (await databaseOfFile()).control();
const { admitted, invited } = singleSignOn(db);
const organizationId = await createOrganization(db, "Example");
const elsewhere = await createOrganization(db, "Elsewhere");

describe("an invite", () => {
  test("is accepted with the account of the issuer's person, whatever its address", async () => {
    const values = { email: "ada@home.example", organizationId, confirmed: true };
    const first = await createPerson(db, { ...values, oidc: { issuer: ISSUER, subject: "ada" } });
    const { userId, accept } = await invited("ada@work.example", elsewhere);
    const admission = await accept({ sub: "ada", email: "ada@home.example" });
    expect(admission).toMatchObject({ admitted: true, session: { email: "ada@work.example" } });
    expect((await accountOf(db, userId))?.id).toBe(first.accountId);
    expect(await accept({ sub: "ada", email: "ada@home.example" })).toEqual({
      admitted: false,
      reason: "invite-invalid",
    });
  });

  test("makes an account for a person without one: confirmed if the address is verified", async () => {
    const one = await invited("one@work.example", organizationId);
    await one.accept({ sub: "new-one", email: "one@home.example" });
    expect(await accountOf(db, one.userId)).toMatchObject({
      email: "one@home.example",
      emailConfirmedAt: expect.any(Date),
    });
    const two = await invited("two@work.example", organizationId);
    await two.accept({ sub: "new-two", email: "two@home.example", email_verified: false });
    expect(await accountOf(db, two.userId)).toMatchObject({
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
    expect(await accountOf(db, userId)).toMatchObject({ oidcSubject: "both" });
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
    expect(await accountOf(db, userId)).toBeUndefined();
  });

  test("makes an account that is confirmed when the issuer verifies its address later", async () => {
    const { userId, accept } = await invited("later@example.com", organizationId);
    await accept({ sub: "later", email: "later@example.com", email_verified: false });
    expect(await accountOf(db, userId)).toMatchObject({
      emailConfirmedAt: null,
      homeOrganizationId: organizationId,
    });
    await admitted({ sub: "later", email: "another@example.com" });
    expect(await accountOf(db, userId)).toMatchObject({ emailConfirmedAt: null });
    await admitted({ sub: "later", email: "Later@Example.com" });
    expect(await accountOf(db, userId)).toMatchObject({
      emailConfirmedAt: expect.any(Date),
      homeOrganizationId: null,
    });
  });
});

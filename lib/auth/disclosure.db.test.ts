import { scrypt } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { accounts, apps, users } from "#lib/db/schema/identity";
import { invites } from "#lib/db/schema/sessions";
import { recordingDb } from "#lib/db/testing/recording-db";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { acceptByPassword } from "./accept-by-password";
import { newApiKey } from "./api-key";
import { readCaller } from "./caller";
import { findInvite } from "./invite";
import { newLinkToken } from "./link-token";
import { hashPassword } from "./password";
import { readActor } from "./read-actor";
import { requestReset } from "./request-reset";
import { signIn } from "./sign-in";
import { createMembership, createOrganization, createPerson, digest, newOrigin } from "./testing/people";

vi.mock("node:crypto", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:crypto")>();
  return { ...original, scrypt: vi.fn(original.scrypt) };
});

const database = await databaseOfFile();
const db = database.control(2);
const own = await createOrganization(db, "own");
const [foreign, third] = [await createOrganization(db, "foreign"), await createOrganization(db, "third")];
const PASSWORD = "a password of theirs";
let people = 0;

/** Addresses by what other organizations have of them. The caller's own has nothing. */
const ADDRESSES: Record<string, (email: string) => Promise<unknown>> = {
  "no one": async () => {},
  "a user without an account": (email) => createMembership(db, { email, organizationId: foreign }),
  "an account without a password": (email) => createPerson(db, { email, organizationId: foreign }),
  "an account": (email) => createPerson(db, { email, organizationId: foreign, password: PASSWORD }),
  "a confirmed account": (email) =>
    createPerson(db, { email, organizationId: foreign, password: PASSWORD, confirmed: true }),
  "two accounts": async (email) => {
    for (const organizationId of [foreign, third])
      await createPerson(db, { email, organizationId, password: `${PASSWORD} ${organizationId}` });
  },
  "an account whose address was changed": (email) => withOldSalt(email, foreign),
  "two accounts whose addresses were changed, and another": async (email) => {
    for (const organizationId of [foreign, third]) await withOldSalt(email, organizationId);
    await createPerson(db, { email, organizationId: null, password: PASSWORD, confirmed: true });
  },
};

async function withOldSalt(email: string, organizationId: string): Promise<void> {
  const { accountId } = await createPerson(db, { email, organizationId });
  const passwordHash = await hashPassword(PASSWORD);
  await db.update(accounts).set({ passwordHash }).where(eq(accounts.id, accountId));
}

async function addressOf(owner: string): Promise<string> {
  const email = `person-${++people}@example.com`;
  await ADDRESSES[owner]?.(email);
  return email;
}

/** What happens, and the work until then: statements and derivations of passwords. */
async function observe(run: (db: Db) => Promise<unknown>) {
  // A log of its own: an earlier sign-in may still be audited.
  const watched = recordingDb(db);
  vi.mocked(scrypt).mockClear();
  const answer = await run(watched.db);
  return { answer, statements: watched.take(), derivations: vi.mocked(scrypt).mock.calls.length };
}

describe("a request for a new password", () => {
  test.each(Object.keys(ADDRESSES))("is accepted by the same work for every address: %s", async (owner) => {
    const request = async (whose: string) => {
      const email = await addressOf(whose);
      const { address } = newOrigin();
      return observe((on) => requestReset(on, email, { address, portalUrl: "https://portal.test", digest }));
    };
    const none = await request("no one");
    expect(await request(owner)).toEqual(none);
    expect(none).toMatchObject({ answer: { outcome: "accepted" }, derivations: 0 });
  });
});

describe("a sign-in with an e-mail address that another organization has", () => {
  test.each(Object.keys(ADDRESSES))("is rejected by as much work as one of no one: %s", async (owner) => {
    const attempt = async (whose: string) => {
      const email = await addressOf(whose);
      return observe((on) => signIn(on, { email, password: "a wrong one" }, newOrigin()));
    };
    const none = await attempt("no one");
    expect(await attempt(owner)).toEqual(none);
    expect(none).toMatchObject({ answer: { outcome: "rejected" }, derivations: 2 });
  });

  test("belongs to another tenant after the organization gave its account that address", async () => {
    const attempt = async (whose: string) => {
      const email = await addressOf(whose);
      await withOldSalt(email, own);
      return observe((on) => signIn(on, { email, password: "a wrong one" }, newOrigin()));
    };
    const none = await attempt("no one");
    for (const owner of ["a confirmed account", "an account whose address was changed"])
      expect(await attempt(owner)).toEqual(none);
  });

  test("reaches each of many accounts with the address, by the same work", async () => {
    const email = `person-${++people}@example.com`;
    const organizations = await Promise.all(
      Array.from({ length: 12 }, (_, index) => createOrganization(db, `shared ${index}`)),
    );
    for (const organizationId of organizations)
      await createPerson(db, { email, organizationId, password: `${PASSWORD} ${organizationId}` });
    const works = [];
    for (const organizationId of [...organizations, ...organizations.toReversed()]) {
      const password = `${PASSWORD} ${organizationId}`;
      const { answer, ...work } = await observe((on) => signIn(on, { email, password }, newOrigin()));
      expect(answer).toMatchObject({ outcome: "signed_in" });
      const sessionId = z.object({ session: z.object({ id: z.string() }) }).parse(answer).session.id;
      expect(await readActor(db, { sessionId })).toMatchObject({ organizationId });
      works.push(work);
    }
    for (const work of works) expect(work).toEqual(works[0]);
    expect(works[0]).toMatchObject({ derivations: 2 });
  });

  test("reaches each of several accounts with changed addresses, if not at once", async () => {
    const email = await addressOf("two accounts whose addresses were changed, and another");
    const passwordHash = await hashPassword("the password of the third");
    await db
      .update(accounts)
      .set({ passwordHash })
      .where(sql`${accounts.email} = ${email} and ${accounts.homeOrganizationId} = ${third}`);
    await vi.waitFor(
      async () =>
        expect(await signIn(db, { email, password: "the password of the third" }, newOrigin())).toMatchObject(
          { outcome: "signed_in" },
        ),
      { timeout: 20_000, interval: 1 },
    );
  });
});

describe("an invite to an e-mail address that another organization has", () => {
  const invited = async (whose: string) => {
    const email = await addressOf(whose);
    const userId = await createMembership(db, { email, organizationId: own });
    const invite = newLinkToken();
    await db
      .insert(invites)
      .values({ userId, tokenHash: digest(invite), expiresAt: new Date(Date.now() + 60_000) });
    const page = await observe(async (on) => (await findInvite(on, digest, invite))?.organizationName);
    const origin = { address: "192.0.2.1", userAgent: null };
    const settings = { hashSecret: digest, hashing: newOrigin().hashing, origin };
    const accepted = await observe(async (on) => {
      const answer = await acceptByPassword(on, { invite, password: "a new password" }, settings);
      return answer.accepted;
    });
    return { page, accepted, user: await userOf(userId) };
  };
  const userOf = async (id: string) => {
    const [user] = await db.select().from(users).where(eq(users.id, id));
    return { role: user?.role, hasAccount: user?.accountId != null };
  };

  test.each(Object.keys(ADDRESSES))("is shown and accepted by the same work: %s", async (owner) => {
    const none = await invited("no one");
    expect(await invited(owner)).toEqual(none);
    expect(none).toMatchObject({ page: { answer: "own" }, accepted: { answer: true, derivations: 1 } });
  });
});

describe("an app's request that names something of another organization", () => {
  const statements: string[] = [];
  const client = postgres(database.url, { max: 1, debug: (_, query) => void statements.push(query) });
  afterAll(() => client.end());

  test("is that of an unknown caller, by one statement", async () => {
    const app = async (organizationId: string, externalId: string) => {
      const secret = newApiKey("app");
      const [row] = await db
        .insert(apps)
        .values({ name: "app", organizationId, externalId, secretHash: digest(secret) })
        .returning({ id: apps.id });
      return { secret, id: row?.id ?? "" };
    };
    const [ours, theirs] = [await app(own, "our-app"), await app(foreign, "their-app")];
    const oid = { email: `oid-${++people}@example.com`, externalId: "their-user" };
    await db.insert(users).values({ ...oid, organizationId: foreign });
    const ask = async (appId: string, userOid: string | null) => {
      statements.length = 0;
      const finding = await readCaller(client, digest, { kind: "app", secret: ours.secret, appId, userOid });
      return { finding, statements: [...statements] };
    };
    expect((await ask("our-app", null)).finding.found).toBe(true);
    const unknownApp = await ask("no-app", null);
    for (const appId of ["their-app", theirs.id]) expect(await ask(appId, null)).toEqual(unknownApp);
    const unknownUser = await ask("our-app", "no-user");
    expect(await ask("our-app", "their-user")).toEqual(unknownUser);
    expect(unknownApp.finding).toMatchObject({ found: false, reason: "invalid_api_key" });
    // The app's own secret was right.
    expect(unknownUser.finding).toMatchObject({ found: false, reason: "unknown_user" });
    for (const { statements: sent } of [unknownApp, unknownUser]) expect(sent).toHaveLength(1);
  });
});

import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { organizations, users } from "#lib/db/schema/identity";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { firstRow } from "#lib/testing/first-row";
import { hashPassword } from "./password";
import { readActor, type SessionClaims } from "./read-actor";
import { type SignedIn, signIn } from "./sign-in";

const db = (await databaseOfFile()).control(2);
const { id: organizationId } = firstRow(await db.insert(organizations).values({ name: "A" }).returning());
let addresses = 1;

async function person(email: string, password: string | null) {
  const passwordHash = password === null ? null : await hashPassword(password);
  const values = { email, name: "Ada", role: "org_admin" as const, organizationId, passwordHash };
  return firstRow(await db.insert(users).values(values).returning({ id: users.id })).id;
}

/** From a new address each time, to avoid the throttle (sign-in-throttle.db.test.ts). */
async function tryToSignIn(credentials: unknown): Promise<SignedIn | null> {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const answer = await signIn(db, credentials, { address: `192.0.2.${addresses++}`, digest });
  return answer.outcome === "signed_in" ? answer.user : null;
}

async function session(email: string, password: string): Promise<SessionClaims> {
  const signedIn = await tryToSignIn({ email, password });
  if (signedIn === null) throw new Error("not signed in");
  return { userId: signedIn.id, stamp: signedIn.stamp };
}

describe("signing in", () => {
  test("accepts the right password, and the e-mail in any case", async () => {
    const id = await person("Ada@Example.com", "toll road 7");
    expect(await tryToSignIn({ email: " aDA@example.COM ", password: "toll road 7" })).toMatchObject({
      id,
      email: "Ada@Example.com",
    });
  });

  test("rejects everything else in the same way", async () => {
    await person("no-password@example.com", null);
    for (const credentials of [
      { email: "ada@example.com", password: "toll road 8" },
      { email: "ada@example.com", password: "" },
      { email: "unknown@example.com", password: "toll road 7" },
      { email: "no-password@example.com", password: "" },
      { email: "no-password@example.com", password: "toll road 7" },
      { email: "ada@example.com", password: "x".repeat(100_000) },
      { email: "ada@example.com" },
      { email: "ada@example.com\u0000", password: "toll road 7" },
      { email: ["ada@example.com"], password: { toString: "x" } },
      undefined,
    ]) {
      expect(await tryToSignIn(credentials)).toBeNull();
    }
  });

  test("returns nothing that could be used to sign in", async () => {
    const signedIn = await tryToSignIn({ email: "ada@example.com", password: "toll road 7" });
    const [user] = await db.select().from(users).where(eq(users.email, "Ada@Example.com"));
    expect(JSON.stringify(signedIn)).not.toContain(user?.passwordHash);
    expect(JSON.stringify(signedIn)).not.toContain("toll road");
  });
});

describe("a session", () => {
  test("has the current role of its user", async () => {
    const id = await person("demoted@example.com", "toll road 7");
    const claims = await session("demoted@example.com", "toll road 7");
    expect(await readActor(db, claims)).toMatchObject({
      kind: "user",
      id,
      role: "org_admin",
      organizationId,
    });
    await db.update(users).set({ role: "viewer" }).where(eq(users.id, id));
    expect(await readActor(db, claims)).toMatchObject({ role: "viewer" });
  });

  test("ends when its user is deleted", async () => {
    const id = await person("deleted@example.com", "toll road 7");
    const claims = await session("deleted@example.com", "toll road 7");
    await db.delete(users).where(eq(users.id, id));
    expect(await readActor(db, claims)).toBeNull();
  });

  test("ends when the password changes or is removed", async () => {
    const id = await person("changed@example.com", "toll road 7");
    const claims = await session("changed@example.com", "toll road 7");
    await db
      .update(users)
      .set({ passwordHash: await hashPassword("toll road 7") })
      .where(eq(users.id, id));
    expect(await readActor(db, claims)).toBeNull();
    await db.update(users).set({ passwordHash: null }).where(eq(users.id, id));
    expect(await readActor(db, claims)).toBeNull();
  });

  test("ends when single sign-on is linked or unlinked", async () => {
    const id = await person("linked@example.com", "toll road 7");
    const before = await session("linked@example.com", "toll road 7");
    await db.update(users).set({ oidcSubject: "https://issuer.example 7" }).where(eq(users.id, id));
    expect(await readActor(db, before)).toBeNull();
    const linked = await session("linked@example.com", "toll road 7");
    expect(await readActor(db, linked)).toMatchObject({ id });
    await db.update(users).set({ oidcSubject: null }).where(eq(users.id, id));
    expect(await readActor(db, linked)).toBeNull();
  });

  test("is invalid without a known user", async () => {
    expect(await readActor(db, { userId: "", stamp: "" })).toBeNull();
    expect(await readActor(db, { userId: "' or true --", stamp: "" })).toBeNull();
    expect(await readActor(db, { userId: "00000000-0000-4000-8000-000000000000", stamp: "x" })).toBeNull();
  });
});

import { eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import type { Actor, Role } from "#lib/auth/actor";
import { findReset } from "#lib/auth/password-reset";
import { readActor } from "#lib/auth/read-actor";
import { RESET_THROTTLE, requestReset } from "#lib/auth/request-reset";
import { resetByPassword } from "#lib/auth/reset-by-password";
import { createMembership, createPerson, digest, ENCRYPTION_KEY, newOrigin } from "#lib/auth/testing/people";
import { PASSWORD, passwordSignIn } from "#lib/auth/testing/sign-in-with-password";
import { accounts, auditLog } from "#lib/db/schema/identity";
import { mails } from "#lib/db/schema/mail";
import { passwordResetRequests, passwordResets } from "#lib/db/schema/sessions";
import { tokenActor } from "#lib/services/testing/context";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { updateUser } from "#lib/services/users/update-user";
import { freePort } from "#lib/testing/listening";
import { deliverMail } from "./deliver-mail";
import { issueResets } from "./issue-resets";
import { mailServerOfFile, PORTAL_URL, transportTo } from "./testing/mail-server";
import { decoded } from "./testing/start-mail-server";

const world = await worldOfFile();
const { db } = world;
const server = await mailServerOfFile();
const keys = { ENCRYPTION_KEY };
const NEW_PASSWORD = "a new toll road";
const { tryToSignIn, sessionOf } = passwordSignIn(db);

const reachable = transportTo(server.url);

let people = 0;
beforeEach(async () => {
  server.delivered.length = 0;
  await db.execute(sql`truncate mails, password_reset_requests, password_resets, sign_in_failures`);
});

const person = async (role: Role = "member", rest: Partial<Parameters<typeof createPerson>[1]> = {}) => {
  const email = `person-${++people}@example.com`;
  const values = { email, organizationId: world.a.id, password: PASSWORD, role, ...rest };
  return { email: values.email, ...(await createPerson(db, values)) };
};

const ask = (email: unknown, address: string | null = newOrigin().address) =>
  requestReset(db, email, { address, portalUrl: PORTAL_URL, digest });

/** One run of the delivery job. */
async function deliver(transport = reachable, now = () => new Date()): Promise<void> {
  await issueResets(db, { keys, hashSecret: digest });
  await deliverMail(db, { transport, keys, portalUrl: PORTAL_URL, now, random: () => 0.5 }, 60_000);
}

/** The tokens of the links that have arrived at an address. */
const tokensAt = (email: string) =>
  server.delivered
    .filter(({ to }) => to === email)
    .flatMap(({ source }) => /\/reset-password\/(\w+)/.exec(decoded(source))?.[1] ?? []);

/** Asks for a link, and takes its token from the mail. */
async function linkFor(email: string): Promise<string> {
  await ask(email.toUpperCase());
  await deliver();
  return tokensAt(email).at(-1) ?? "no letter";
}

const use = (reset: string, password: unknown = NEW_PASSWORD) =>
  resetByPassword(
    db,
    { reset, password },
    { hashSecret: digest, hashing: ENCRYPTION_KEY, origin: newOrigin(), withMail: true },
  );
const works = async (token: string) => (await findReset(db, digest, token)) !== null;

const SMTP = { SMTP_URL: server.url };
const as = (actor: Actor) => {
  const ctx = world.as(actor);
  return { ...ctx, config: { ...ctx.config, ...SMTP } };
};
const change = (actor: Actor, id: string, changes: Omit<Parameters<typeof updateUser>[1], "id">) =>
  updateUser(as(actor), { id, ...changes });

describe("a new password by mail", () => {
  test("replaces the old one, ends all sessions, signs in, is audited and told to the person", async () => {
    const { email, userId, accountId } = await person();
    const before = await sessionOf(email);
    const token = await linkFor(email);
    expect(await findReset(db, digest, token)).toEqual({ accountId, email, organizationName: "A" });
    const answer = await use(token);
    if (!answer.reset) throw new Error(answer.reason);
    expect(await readActor(db, { sessionId: answer.session.id })).toMatchObject({ id: userId });
    expect(await readActor(db, { sessionId: before })).toBeNull();
    expect(await tryToSignIn({ email, password: PASSWORD })).toBeNull();
    expect(await tryToSignIn({ email, password: NEW_PASSWORD })).not.toBeNull();
    expect(await world.auditOf(userId)).toMatchObject([
      { action: "user.sign_in" },
      {
        action: "user.reset_password",
        actorId: userId,
        organizationId: world.a.id,
        after: { password: "changed", ended_sessions: [before] },
      },
      { action: "user.sign_in", after: { method: "password reset" } },
      { action: "user.sign_in" },
    ]);
    expect((await world.auditOf(accountId))[0]).toMatchObject({
      action: "account.request_password_reset",
      organizationId: null,
      after: { email },
    });
    await deliver();
    expect(server.delivered.at(-1)).toMatchObject({ to: email });
    expect(server.delivered.at(-1)?.source).toContain("Your password was changed");
    const text = JSON.stringify(await db.select().from(auditLog));
    for (const secret of [token, NEW_PASSWORD]) expect(text).not.toContain(secret);
  });

  test("is set once, by one of several links, also when two are used at the same time", async () => {
    const { email } = await person();
    const [first, second] = [await linkFor(email), await linkFor(email)];
    expect(first).not.toBe(second);
    expect([await works(first), await works(second)]).toEqual([true, true]);
    const answers = await Promise.all([use(first), use(first), use(second)]);
    expect(answers.filter(({ reset }) => reset)).toHaveLength(1);
    expect(answers.filter(({ reset }) => !reset)).toEqual(
      Array.from({ length: 2 }, () => ({ reset: false, reason: "reset-invalid" })),
    );
    expect([await works(first), await works(second)]).toEqual([false, false]);
  });

  test("is not set by a password that is too short, which leaves the link as it is", async () => {
    const { email } = await person();
    const token = await linkFor(email);
    for (const bad of ["short", `${PASSWORD}\ud800`, null])
      expect(await use(token, bad)).toEqual({ reset: false, reason: "reset-password" });
    expect(await use(token)).toMatchObject({ reset: true });
  });

  test("is set within 30 minutes", async () => {
    const { email } = await person();
    const token = await linkFor(email);
    const later = (minutes: number) =>
      db
        .update(passwordResets)
        .set({ expiresAt: sql`${passwordResets.expiresAt} - make_interval(mins => ${minutes}::int)` });
    await later(29);
    expect(await works(token)).toBe(true);
    await later(1);
    expect(await works(token)).toBe(false);
    expect(await use(token)).toEqual({ reset: false, reason: "reset-invalid" });
  });

  test("is stored as a digest, and its link sealed until it is sent", async () => {
    const { email } = await person();
    await ask(email);
    await issueResets(db, { keys, hashSecret: digest });
    const [waiting] = await db.select().from(mails);
    expect(waiting?.link?.toString("latin1")).not.toContain(PORTAL_URL);
    await deliver();
    const [token = ""] = tokensAt(email);
    const [row] = await db.select().from(passwordResets);
    expect(row?.tokenHash).toEqual(digest(token));
    expect(await db.select().from(mails)).toMatchObject([{ status: "sent", link: null }]);
  });
});

describe("a letter with a link", () => {
  test("goes to each account with the address, and sets the password of that one alone", async () => {
    const { email } = await person();
    await person("member", { email, organizationId: world.b.id, password: "the password at B" });
    await ask(email);
    await deliver();
    expect(
      server.delivered.map(({ source }) => /your account of (\w)/.exec(decoded(source))?.[1]).sort(),
    ).toEqual(["A", "B"]);
    const found = await Promise.all(tokensAt(email).map((token) => findReset(db, digest, token)));
    const ofB = tokensAt(email)[found.findIndex((each) => each?.organizationName === "B")] ?? "";
    expect(await use(ofB)).toMatchObject({ reset: true });
    expect(await tryToSignIn({ email, password: PASSWORD })).not.toBeNull();
    expect(await tryToSignIn({ email, password: "the password at B" })).toBeNull();
  });

  test("goes neither to an unknown address, nor where there is no password to replace", async () => {
    const invited = `invited-${++people}@example.com`;
    await createMembership(db, { email: invited, organizationId: world.a.id });
    const { email: sso } = await person("member", { password: undefined, confirmed: true });
    for (const email of ["unknown@example.com", invited, sso]) {
      expect(await ask(email)).toEqual({ outcome: "accepted" });
    }
    await deliver();
    expect(server.delivered).toEqual([]);
    expect(await db.$count(passwordResetRequests)).toBe(0);
  });

  test("is sent later if the mail server cannot be reached, and never after its link has ended", async () => {
    const [late, ended] = [await person(), await person()];
    for (const { email } of [late, ended]) await ask(email);
    await deliver(transportTo(`smtp://127.0.0.1:${await freePort()}`));
    await change(world.admin, ended.userId, { role: "viewer" });
    await change(world.admin, ended.userId, { role: "org_admin" });
    await deliver(reachable, () => new Date(Date.now() + 10_000));
    expect(server.delivered.map(({ to }) => to)).toEqual([late.email]);
  });

  test("is sent once, however many processes send at once", async () => {
    const { email } = await person();
    await ask(email);
    await Promise.all([deliver(), deliver(), deliver()]);
    expect(tokensAt(email)).toHaveLength(1);
  });
});

describe("requests for a new password", () => {
  test("without an address are told so, and do not reach the database", async () => {
    for (const given of ["", "hunter2", "a b@example.com", "a@b\0c.example", "\ud800@example.com", null, {}])
      expect(await ask(given)).toEqual({ outcome: "no_address" });
    expect(await db.$count(passwordResetRequests)).toBe(0);
  });

  test.each(["known", "unknown"])("are throttled for an address from one client: %s", async (kind) => {
    const email = kind === "known" ? (await person()).email : "unknown@example.com";
    for (let time = 0; time < RESET_THROTTLE.limits.here; time++)
      expect(await ask(email, "192.0.2.1")).toEqual({ outcome: "accepted" });
    expect(await ask(email, "192.0.2.1")).toMatchObject({
      outcome: "throttled",
      retryAfterS: expect.any(Number),
    });
    expect(await ask(email, "192.0.2.2")).toEqual({ outcome: "accepted" });
    expect(await ask("another@example.com", "192.0.2.1")).toEqual({ outcome: "accepted" });
  });

  test("are throttled for an address from anywhere, and for a client", async () => {
    const { email, address } = RESET_THROTTLE.limits;
    for (let time = 0; time < email; time++) await ask("flooded@example.com", `192.0.2.${time}`);
    expect(await ask("flooded@example.com", "192.0.2.99")).toMatchObject({ outcome: "throttled" });
    const guesses = Array.from({ length: address }, (_, index) => `guess-${index}@example.com`);
    await Promise.all(guesses.map((guess) => ask(guess, "198.51.100.1")));
    expect(await ask("one-more@example.com", "198.51.100.1")).toMatchObject({ outcome: "throttled" });
    expect(await db.$count(passwordResetRequests)).toBe(email + address);
  });

  test("do not lock out sign-ins", async () => {
    const { email } = await person();
    for (let time = 0; time < 10; time++) await ask(email);
    expect(await tryToSignIn({ email, password: PASSWORD })).not.toBeNull();
  });
});

describe("an open link", () => {
  const ends = async (changes: Parameters<typeof change>[2]) => {
    const { email, userId } = await person();
    const token = await linkFor(email);
    await change(world.admin, userId, changes);
    expect([await works(token), await use(token)]).toEqual([
      false,
      { reset: false, reason: "reset-invalid" },
    ]);
  };
  test("ends when the account gets another address", () => ends({ email: `moved-${++people}@example.com` }));
  test("ends when the user gets a higher role", () => ends({ role: "org_admin" }));
  test("ends when the user moves to another organization", () => ends({ organization_id: world.b.id }));
  test("ends when an administrator sets the password", () => ends({ password: "chosen for them" }));
  test("outlasts other changes", async () => {
    const { email, userId } = await person("org_admin");
    const token = await linkFor(email);
    await change(world.admin, userId, { name: "Another name", role: "member" });
    expect(await works(token)).toBe(true);
  });
});

describe("the address of an account", () => {
  test("is changed by those who have its rights, and its old address is told", async () => {
    const { email, userId } = await person();
    const other = `other-${++people}@example.com`;
    await change(world.orgAdmin, userId, { email: other });
    await deliver();
    expect(server.delivered).toMatchObject([{ to: email }]);
    const letter = decoded(server.delivered[0]?.source ?? "");
    expect(letter).toContain("Your e-mail address was changed");
    expect(letter).not.toContain(other);
    expect(await linkFor(email)).toBe("no letter");
    expect(await works(await linkFor(other))).toBe(true);
  });

  test("of an administrator is changed neither by an org_admin nor by a token", async () => {
    const { userId } = await person("admin");
    const taken = { email: `attacker-${++people}@example.com` };
    for (const actor of [world.orgAdmin, tokenActor("org_admin", world.a.id), tokenActor()])
      await expectForbidden(() => change(actor, userId, taken));
    await change(world.admin, userId, taken);
    await change(tokenActor("admin", null, { id: "admin_api_key" }), userId, {
      email: `again-${people}@example.com`,
    });
  });

  test("that an org_admin wrote gets no link to what has become an administrator's account", async () => {
    const { userId } = await person();
    const theirs = `attacker-${++people}@example.com`;
    await change(world.orgAdmin, userId, { email: theirs });
    const token = await linkFor(theirs);
    expect(await works(token)).toBe(true);
    await change(world.admin, userId, { role: "admin" });
    expect(await works(token)).toBe(false);
    server.delivered.length = 0;
    expect(await linkFor(theirs)).toBe("no letter");
    const right = `right-${people}@example.com`;
    await change(world.admin, userId, { email: right });
    expect(await works(await linkFor(right))).toBe(true);
  });

  test("that is confirmed stays, whatever address the organization gives its member", async () => {
    const { email, userId, accountId } = await person("member", { confirmed: true });
    await createMembership(db, { email, organizationId: world.b.id, role: "org_admin", accountId });
    const theirs = `attacker-${++people}@example.com`;
    await change(world.orgAdmin, userId, { email: theirs });
    expect(await linkFor(theirs)).toBe("no letter");
    const [account] = await db.select().from(accounts).where(eq(accounts.id, accountId));
    expect(account?.email).toBe(email);
    const answer = await use(await linkFor(email));
    expect(answer).toMatchObject({ reset: true });
    const rows = await db.select().from(auditLog).where(eq(auditLog.action, "user.reset_password"));
    expect(
      rows
        .slice(-2)
        .map(({ organizationId }) => organizationId)
        .sort(),
    ).toEqual([world.a.id, world.b.id].sort());
  });
});

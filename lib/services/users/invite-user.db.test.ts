import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { acceptByPassword } from "#lib/auth/accept-by-password";
import type { Actor } from "#lib/auth/actor";
import { acceptInvite, findInvite } from "#lib/auth/invite";
import { readActor } from "#lib/auth/read-actor";
import { signIn } from "#lib/auth/sign-in";
import { accountOf, confirmAccount } from "#lib/auth/testing/people";
import { accounts } from "#lib/db/schema/identity";
import { invites } from "#lib/db/schema/sessions";
import { ENCRYPTION_KEY, hashSecret, tokenActor, UNKNOWN_ID } from "#lib/services/testing/context";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { deleteUser } from "./delete-user";
import { inviteUser } from "./invite-user";
import { newEmail, newUser } from "./testing/users";
import { updateUser } from "./update-user";

const world = await worldOfFile();
const ORIGIN = { address: "192.0.2.30", userAgent: null };
let addresses = 1;

const make = (input: object = {}) => newUser(world, input);

async function invite(id: string, actor: Actor = world.admin): Promise<string> {
  const { url } = await inviteUser(world.as(actor), { id });
  expect(url).toMatch(/^http:\/\/portal\.test\/invite\/[0-9A-Za-z]{38}$/);
  return url.slice(url.lastIndexOf("/") + 1);
}

const accept = (token: string, password = "toll road 7") =>
  acceptByPassword(
    world.db,
    { invite: token, password },
    { hashSecret, hashing: ENCRYPTION_KEY, origin: ORIGIN },
  );

const join = (token: string | undefined, email: string, password: string) =>
  signIn(
    world.db,
    { email, password, invite: token },
    {
      address: `2001:db8:aa:${addresses++}::1`,
      userAgent: null,
      digest: hashSecret,
      hashing: ENCRYPTION_KEY,
    },
  );

/** A person with a confirmed account, whose only user is in organization A. */
async function confirmedPerson(password = "toll road 7") {
  const user = await make({ password });
  return { ...user, ...(await confirmAccount(world.db, user.id)) };
}

describe("inviting", () => {
  test("returns the link once, for 72 hours, and audits it without the token", async () => {
    const { id } = await make();
    const { url, expires_at } = await inviteUser(world.as(world.orgAdmin), { id });
    const hours = (Date.parse(expires_at) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(71.9);
    expect(hours).toBeLessThanOrEqual(72);
    const audit = (await world.auditOf(id))[1];
    expect(audit).toMatchObject({ action: "user.invite", organizationId: world.a.id, after: { expires_at } });
    const token = url.slice(url.lastIndexOf("/") + 1);
    expect(JSON.stringify([audit, await world.db.select().from(invites)])).not.toContain(token);
  });

  test("is for admins of the organization, and for users that no one has accepted", async () => {
    const { id } = await make();
    const ofB = await make({ organization_id: world.b.id });
    const administrator = await make({ organization_id: null, role: "admin" });
    for (const actor of [world.member, world.viewer, world.stray])
      await expectForbidden(() => invite(id, actor));
    for (const unseen of [ofB.id, administrator.id, UNKNOWN_ID]) {
      await expect(invite(unseen, world.orgAdmin)).rejects.toMatchObject({ code: "not_found" });
    }
    const accepted = await make({ password: "toll road 7" });
    await expect(invite(accepted.id)).rejects.toMatchObject({ code: "conflict" });
  });

  test("by a token ends no later than the token, and never makes an administrator", async () => {
    const { id } = await make();
    const expiresAt = new Date(Date.now() + 60_000);
    const token = tokenActor("org_admin", world.a.id, { expiresAt });
    const { expires_at } = await inviteUser(world.as(token), { id });
    expect(expires_at).toBe(expiresAt.toISOString());
    const administrator = await make({ organization_id: null, role: "admin" });
    await expectForbidden(() => invite(administrator.id, tokenActor()));
    await invite(administrator.id, tokenActor("admin", null, { id: "admin_api_key" }));
    await invite(administrator.id, world.admin);
  });
});

describe("a link gives no more than its maker may", () => {
  const usable = async (token: string) => (await findInvite(world.db, hashSecret, token)) !== null;

  test.each([
    ["is promoted to administrator", { role: "admin" }],
    ["is promoted to org_admin", { role: "org_admin" }],
    ["gets another e-mail address", { email: newEmail() }],
  ] as const)("it ends when its user %s", async (_, change) => {
    const { id } = await make();
    const token = await invite(id);
    await updateUser(world.as(world.admin), { id, name: "Still open" });
    expect(await usable(token)).toBe(true);
    await updateUser(world.as(world.admin), { id, ...change });
    expect(await usable(token)).toBe(false);
    expect(await accept(token)).toEqual({ accepted: false, reason: "invite-invalid" });
  });

  test.each([
    ["is demoted to member", (id: string) => updateUser(world.as(world.admin), { id, role: "member" })],
    ["is demoted to viewer", (id: string) => updateUser(world.as(world.admin), { id, role: "viewer" })],
    ["moves", (id: string) => updateUser(world.as(world.admin), { id, organization_id: world.b.id })],
    ["is deleted", (id: string) => deleteUser(world.as(world.admin), { id })],
  ])("it is useless once its maker %s", async (_, change) => {
    const maker = await make({ role: "org_admin" });
    const { id, email, name } = maker;
    const actor = {
      kind: "user",
      id,
      email,
      name: name ?? email,
      role: "org_admin",
      organizationId: world.a.id,
    } as const;
    const byThem = await invite((await make({ role: "org_admin" })).id, actor);
    const byToken = await invite((await make()).id, tokenActor("org_admin", world.a.id, { makerId: id }));
    const byAnother = await invite((await make()).id);
    expect(await usable(byThem)).toBe(true);
    await change(id);
    for (const token of [byThem, byToken]) {
      expect(await usable(token)).toBe(false);
      expect(await accept(token)).toEqual({ accepted: false, reason: "invite-invalid" });
    }
    expect(await accept(byAnother)).toMatchObject({ accepted: true });
  });

  test("it is useless to a request that read it before its maker was demoted", async () => {
    const { id, email } = await make({ role: "org_admin" });
    const actor = {
      kind: "user",
      id,
      email,
      name: email,
      role: "org_admin",
      organizationId: world.a.id,
    } as const;
    const invitation = await findInvite(world.db, hashSecret, await invite((await make()).id, actor));
    if (invitation === null) throw new Error("the invite is unknown");
    await updateUser(world.as(world.admin), { id, role: "member" });
    const { accountId } = await confirmedPerson();
    const joining = world.db.transaction((tx) =>
      acceptInvite(tx, invitation, { accountId: accountId ?? "", method: "password", ip: null }),
    );
    await expect(joining).rejects.toMatchObject({ reason: "invite-invalid" });
  });
});

describe("accepting by setting a password", () => {
  test("makes an unconfirmed account of the organization, signs in, and is audited", async () => {
    const user = await make({ role: "viewer" });
    const answer = await accept(await invite(user.id));
    if (!answer.accepted) throw new Error(answer.reason);
    const actor = await readActor(world.db, { sessionId: answer.session.id });
    expect(actor).toMatchObject({ id: user.id, role: "viewer", organizationId: world.a.id });
    expect(await accountOf(world.db, user.id)).toMatchObject({
      email: user.email,
      emailConfirmedAt: null,
      homeOrganizationId: world.a.id,
    });
    const audit = await world.auditOf(user.id);
    expect(audit.map(({ action }) => action)).toEqual([
      "user.create",
      "user.invite",
      "user.accept_invite",
      "user.sign_in",
    ]);
    expect(audit[2]).toMatchObject({ organizationId: world.a.id, ip: ORIGIN.address });
    expect(await join(undefined, user.email, "toll road 7")).toMatchObject({ outcome: "signed_in" });
  });

  test("works once, even for two at the same time", async () => {
    const { id } = await make();
    const token = await invite(id);
    const answers = await Promise.all(Array.from({ length: 5 }, () => accept(token)));
    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(await accept(token)).toEqual({ accepted: false, reason: "invite-invalid" });
  });

  test("takes a new account, even if a confirmed one or other organizations have the address", async () => {
    const known = await confirmedPerson();
    const inB = await make({ organization_id: world.b.id, email: known.email });
    expect(await accept(await invite(inB.id), "another password")).toMatchObject({ accepted: true });
    const account = await accountOf(world.db, inB.id);
    expect(account?.id).not.toBe(known.accountId);
    expect(account).toMatchObject({ emailConfirmedAt: null, homeOrganizationId: world.b.id });
    const email = newEmail();
    for (const organization_id of [world.a.id, world.b.id]) {
      const user = await make({ organization_id, email });
      expect(await accept(await invite(user.id), `of ${organization_id}`)).toMatchObject({ accepted: true });
    }
    expect(await world.db.$count(accounts, eq(accounts.email, email))).toBe(2);
  });

  test.each<[string, (id: string, token: string) => Promise<unknown>]>([
    ["expired", () => world.db.update(invites).set({ expiresAt: new Date() })],
    ["replaced by a newer one", (id) => invite(id)],
    ["of a user who is deleted", (id) => deleteUser(world.as(world.admin), { id })],
    [
      "of a user with a password by now",
      (id) => updateUser(world.as(world.admin), { id, password: "toll road 9" }),
    ],
  ])("is rejected with a link that is %s", async (_what, change) => {
    const { id } = await make();
    const token = await invite(id);
    await change(id, token);
    expect(await accept(token)).toEqual({ accepted: false, reason: "invite-invalid" });
  });

  test("rejects a short or endless password, and unknown links before hashing", async () => {
    const { id } = await make();
    const token = await invite(id);
    for (const password of ["seven c", "x".repeat(1025)]) {
      expect(await accept(token, password)).toEqual({ accepted: false, reason: "invite-password" });
    }
    for (const unknown of ["", "x", `${token.slice(0, -1)}!`, token.split("").reverse().join("")]) {
      expect(await accept(unknown)).toEqual({ accepted: false, reason: "invite-invalid" });
    }
    expect(await accept(token)).toMatchObject({ accepted: true });
  });
});

describe("accepting by signing in", () => {
  test("joins the membership to that account, whatever its address, and enters it", async () => {
    const known = await confirmedPerson();
    const inB = await make({ organization_id: world.b.id });
    const answer = await join(await invite(inB.id), known.email, "toll road 7");
    if (answer.outcome !== "signed_in") throw new Error(answer.outcome);
    expect(await readActor(world.db, { sessionId: answer.session.id })).toMatchObject({ id: inB.id });
    expect((await accountOf(world.db, inB.id))?.id).toBe(known.accountId);
    expect(JSON.stringify(await world.auditOf(inB.id))).not.toContain(known.email);
  });

  test("is the only way into an existing account: a wrong password joins nothing", async () => {
    const known = await confirmedPerson();
    const inB = await make({ organization_id: world.b.id, email: known.email });
    const token = await invite(inB.id);
    expect(await join(token, known.email, "a wrong one")).toEqual({ outcome: "rejected" });
    expect(await accountOf(world.db, inB.id)).toBeUndefined();
    expect(await join(token, known.email, "toll road 7")).toMatchObject({ outcome: "signed_in" });
  });

  test("is rejected for an unconfirmed account, which stays in its organization", async () => {
    const inA = await make({ password: "toll road 7" });
    const inB = await make({ organization_id: world.b.id });
    const token = await invite(inB.id);
    expect(await join(token, inA.email, "toll road 7")).toEqual({
      outcome: "not_accepted",
      reason: "invite-unconfirmed",
    });
    expect(await accountOf(world.db, inB.id)).toBeUndefined();
    expect(await accept(token)).toMatchObject({ accepted: true });
  });

  test("is rejected for a member of the same organization, and the link still works", async () => {
    const known = await confirmedPerson();
    const another = await make();
    const token = await invite(another.id);
    expect(await join(token, known.email, "toll road 7")).toEqual({
      outcome: "not_accepted",
      reason: "invite-already-member",
    });
    expect(await accept(token)).toMatchObject({ accepted: true });
  });

  test("is rejected with an unknown link, and then does not sign in", async () => {
    const known = await confirmedPerson();
    expect(await join("unknown", known.email, "toll road 7")).toEqual({
      outcome: "not_accepted",
      reason: "invite-invalid",
    });
  });
});

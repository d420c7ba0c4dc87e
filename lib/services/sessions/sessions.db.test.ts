import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Actor, UserActor } from "#lib/auth/actor";
import { readActor } from "#lib/auth/read-actor";
import { confirmAccount } from "#lib/auth/testing/people";
import { users } from "#lib/db/schema/identity";
import { sessions } from "#lib/db/schema/sessions";
import { tokenActor, UNKNOWN_ID } from "#lib/services/testing/context";
import { expectForbidden } from "#lib/services/testing/rejection";
import { worldOfFile } from "#lib/services/testing/world";
import { newSession, newUser } from "#lib/services/users/testing/users";
import { endAllSessions, endSession } from "./end-sessions";
import { listSessions } from "./list-sessions";

const world = await worldOfFile();

/** A person who is a member of both organizations, with a session in each, and acts in the one in A. */
async function personInBoth() {
  const { id: inA } = await newUser(world, { password: "toll road 7" });
  const { accountId } = await confirmAccount(world.db, inA);
  const values = { email: `${inA}@example.com`, organizationId: world.b.id, accountId };
  const [second] = await world.db.insert(users).values(values).returning();
  const inB = second?.id ?? "";
  const [sessionInA, sessionInB] = [await newSession(world, inA), await newSession(world, inB)];
  const self: UserActor = {
    kind: "user",
    id: inA,
    name: "self",
    email: "self@example.com",
    role: "member",
    organizationId: world.a.id,
    sessionId: sessionInA,
  };
  return { inA, inB, sessionInA, sessionInB, self };
}

const seen = async (actor: Actor, id: string) =>
  (await listSessions(world.as(actor), { id })).data.map((session) => session.id).sort();
const isLive = async (sessionId: string) => (await readActor(world.db, { sessionId })) !== null;

describe("listing sessions", () => {
  test("shows device, address and when each was last seen, and which one asks", async () => {
    const { inA, sessionInA, self } = await personInBoth();
    const page = await listSessions(world.as(self), { id: inA });
    expect(page.next_cursor).toBeNull();
    expect(page.data.find(({ id }) => id === sessionInA)).toEqual({
      id: sessionInA,
      user_id: inA,
      current: true,
      device: "curl",
      user_agent: "curl/8.0",
      ip: "192.0.2.20",
      created_at: expect.stringMatching(/Z$/),
      last_seen_at: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
    });
    expect(page.data.filter(({ current }) => current)).toHaveLength(1);
  });

  test("shows the person and administrators all of the account, an org_admin those in the organization", async () => {
    const { inA, inB, sessionInA, sessionInB, self } = await personInBoth();
    const both = [sessionInA, sessionInB].sort();
    expect(await seen(self, inA)).toEqual(both);
    expect(await seen(world.admin, inA)).toEqual(both);
    expect(await seen(tokenActor(), inB)).toEqual(both);
    expect(await seen(world.orgAdmin, inA)).toEqual([sessionInA]);
    expect(await seen(tokenActor("org_admin", world.a.id), inA)).toEqual([sessionInA]);
    expect(await seen(world.orgAdminOfB, inB)).toEqual([sessionInB]);
  });

  test("leaves out those that have expired", async () => {
    const { inA, sessionInA, sessionInB, self } = await personInBoth();
    await world.db.update(sessions).set({ expiresAt: new Date() }).where(eq(sessions.id, sessionInB));
    expect(await seen(self, inA)).toEqual([sessionInA]);
  });

  test("is not for other members, viewers and other organizations", async () => {
    const { inA } = await personInBoth();
    const administrator = await newUser(world, { role: "admin", password: "toll road 7" });
    for (const verb of [
      (actor: Actor, id: string) => listSessions(world.as(actor), { id }),
      (actor: Actor, id: string) => endAllSessions(world.as(actor), { id }),
      (actor: Actor, id: string) => endSession(world.as(actor), { id, session_id: UNKNOWN_ID }),
    ]) {
      await expectForbidden(() => verb(world.viewer, inA));
      await expectForbidden(() => verb(world.orgAdmin, administrator.id));
      await expect(verb(world.member, inA)).rejects.toMatchObject({ code: "not_found" });
      await expect(verb(world.orgAdminOfB, inA)).rejects.toMatchObject({ code: "not_found" });
      await expect(verb(world.admin, UNKNOWN_ID)).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

describe("ending sessions", () => {
  test("ends all but the one that asks, and audits each in its organization", async () => {
    const { inA, inB, sessionInA, sessionInB, self } = await personInBoth();
    const third = await newSession(world, inA);
    await endAllSessions(world.as(self), { id: inA });
    expect(await Promise.all([sessionInA, sessionInB, third].map(isLive))).toEqual([true, false, false]);
    const rowOf = async (id: string) =>
      (await world.auditOf(id)).find(({ action }) => action === "user.end_sessions");
    expect(await rowOf(inA)).toMatchObject({
      organizationId: world.a.id,
      actorId: inA,
      before: { session_ids: [third] },
    });
    expect(await rowOf(inB)).toMatchObject({
      organizationId: world.b.id,
      before: { session_ids: [sessionInB] },
    });
  });

  test("by an org_admin ends only those in the organization, by an administrator all", async () => {
    const { inA, sessionInA, sessionInB } = await personInBoth();
    await endAllSessions(world.as(world.orgAdmin), { id: inA });
    expect(await Promise.all([sessionInA, sessionInB].map(isLive))).toEqual([false, true]);
    await endAllSessions(world.as(world.admin), { id: inA });
    expect(await isLive(sessionInB)).toBe(false);
  });

  test("one by one, also one's own, and only those that the actor sees", async () => {
    const { inA, sessionInA, sessionInB, self } = await personInBoth();
    const unseen = { id: inA, session_id: sessionInB };
    await expect(endSession(world.as(world.orgAdmin), unseen)).rejects.toMatchObject({
      code: "not_found",
      message: "Session not found.",
    });
    await endSession(world.as(self), unseen);
    expect(await Promise.all([sessionInA, sessionInB].map(isLive))).toEqual([true, false]);
    await endSession(world.as(self), { id: inA, session_id: sessionInA });
    expect(await isLive(sessionInA)).toBe(false);
  });
});

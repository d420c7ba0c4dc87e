import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { UserActor } from "#lib/auth/actor";
import { readActor } from "#lib/auth/read-actor";
import { LIMITS } from "#lib/auth/sign-in-throttle";
import { passwordSignIn } from "#lib/auth/testing/sign-in-with-password";
import { accounts, users } from "#lib/db/schema/identity";
import { mails } from "#lib/db/schema/mail";
import { tokenActor } from "#lib/services/testing/context";
import { worldOfFile } from "#lib/services/testing/world";
import { newSession, newUser } from "#lib/services/users/testing/users";
import { changeOwnName } from "./change-own-name";
import { changeOwnPassword, hasPassword } from "./change-own-password";

const world = await worldOfFile();
const { tryToSignIn } = passwordSignIn(world.db);
const OLD = "toll road 7";
const NEW = "toll road 8";

/** A member with a password and a session, and the context of that session. */
async function person(address = "192.0.2.7") {
  const user = await newUser(world, { password: OLD, name: "Before" });
  const sessionId = await newSession(world, user.id);
  const actor: UserActor = {
    kind: "user",
    id: user.id,
    name: "Before",
    email: user.email,
    role: "member",
    organizationId: world.a.id,
    sessionId,
  };
  return { ...user, actor, sessionId, ctx: { ...world.as(actor), requestIp: address } };
}

const isLive = async (sessionId: string) => (await readActor(world.db, { sessionId })) !== null;

describe("changing one's own password", () => {
  test("needs the present one, ends all other sessions and is audited without either", async () => {
    const { id, email, ctx, sessionId } = await person();
    const other = await newSession(world, id);
    await expect(changeOwnPassword(ctx, { current_password: NEW, new_password: NEW })).rejects.toMatchObject({
      code: "invalid",
      fields: { current_password: "Wrong password." },
    });
    expect(await isLive(other)).toBe(true);
    await changeOwnPassword(ctx, { current_password: OLD, new_password: NEW });
    expect([await isLive(sessionId), await isLive(other)]).toEqual([true, false]);
    expect(await tryToSignIn({ email, password: OLD })).toBeNull();
    expect(await tryToSignIn({ email, password: NEW })).not.toBeNull();
    const [row] = (await world.auditOf(id)).filter(({ action }) => action === "user.change_password");
    expect(row).toMatchObject({
      actorId: id,
      organizationId: world.a.id,
      after: { password: "changed", ended_sessions: [other] },
    });
    expect(JSON.stringify(await world.auditOf(id))).not.toMatch(new RegExp(`${OLD}|${NEW}|scrypt`));
  });

  test("is told by mail where there is a mail server", async () => {
    const { email, ctx } = await person();
    await changeOwnPassword(
      { ...ctx, config: { ...ctx.config, SMTP_URL: "smtp://mail.test" } },
      { current_password: OLD, new_password: NEW },
    );
    const sent = await world.db.select().from(mails).where(eq(mails.toAddress, email));
    expect(sent.map(({ kind }) => kind)).toEqual(["password_changed"]);
  });

  test("counts wrong passwords as failed sign-ins", async () => {
    const { ctx } = await person("192.0.2.99");
    const guess = () => changeOwnPassword(ctx, { current_password: "guess", new_password: NEW });
    for (let times = 0; times < LIMITS.here; times++) {
      await expect(guess()).rejects.toMatchObject({ fields: { current_password: "Wrong password." } });
    }
    const right = changeOwnPassword(ctx, { current_password: OLD, new_password: NEW });
    await expect(right).rejects.toMatchObject({
      fields: {
        current_password: expect.stringMatching(/^Too many wrong passwords. Try again in 15 minutes/),
      },
    });
  });

  test("is for people with a password only", async () => {
    const { id, actor, ctx } = await person();
    expect(await hasPassword(world.db, actor)).toBe(true);
    const [user] = await world.db.select().from(users).where(eq(users.id, id));
    await world.db
      .update(accounts)
      .set({ passwordHash: null })
      .where(eq(accounts.id, user?.accountId ?? ""));
    expect(await hasPassword(world.db, actor)).toBe(false);
    const change = { current_password: OLD, new_password: NEW };
    await expect(changeOwnPassword(ctx, change)).rejects.toMatchObject({ code: "conflict" });
    await expect(changeOwnPassword(world.as(tokenActor()), change)).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  test("names what is wrong with the new one", async () => {
    const { ctx } = await person();
    const short = changeOwnPassword(ctx, { current_password: OLD, new_password: "short" });
    await expect(short).rejects.toMatchObject({ fields: { new_password: "At least 8 characters." } });
  });
});

describe("changing one's own name", () => {
  test("is allowed to every role, for oneself, and is audited", async () => {
    const { id, ctx } = await person();
    await changeOwnName(ctx, { name: "After" });
    await changeOwnName(ctx, { name: "After" });
    const [user] = await world.db.select().from(users).where(eq(users.id, id));
    expect(user?.name).toBe("After");
    const rows = (await world.auditOf(id)).filter(({ action }) => action === "user.update");
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ before: { name: "Before" }, after: { name: "After" } });
    await expect(changeOwnName(ctx, { name: " " })).rejects.toMatchObject({
      fields: { name: "Enter a name." },
    });
    await expect(changeOwnName(world.as(tokenActor()), { name: "x" })).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});

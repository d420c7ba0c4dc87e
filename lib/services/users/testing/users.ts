import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beginSession } from "#lib/auth/session-record";
import { users } from "#lib/db/schema/identity";
import type { World } from "#lib/services/testing/world";
import { createUser } from "#lib/services/users/create-user";

/** An e-mail address that no other user has. */
export const newEmail = () => `${randomUUID()}@example.com`;

/** Creates a user of organization A as an administrator. */
export async function newUser(world: World, input: object = {}) {
  const user = await createUser(world.as(world.admin), {
    email: newEmail(),
    organization_id: world.a.id,
    ...input,
  });
  return { ...user, email: user.email ?? "" };
}

/** Begins a session of a user who has an account. Returns its id. */
export async function newSession({ db }: World, userId: string): Promise<string> {
  const [user] = await db.select().from(users).where(eq(users.id, userId));
  if (!user?.accountId) throw new Error("the user has no account");
  const origin = { address: "192.0.2.20", userAgent: "curl/8.0" };
  const { accountId } = user;
  const start = { method: "password", origin, userId } as const;
  const session = await db.transaction((tx) => beginSession(tx, accountId, start));
  if (session === null) throw new Error("the session did not begin");
  return session.id;
}

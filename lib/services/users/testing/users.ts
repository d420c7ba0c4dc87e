import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { users } from "#lib/db/schema/identity";
import type { World } from "#lib/services/testing/world";
import { createUser } from "#lib/services/users/create-user";

/** An e-mail address that no other user has. */
export const newEmail = () => `${randomUUID()}@example.com`;

/** Creates a user of organization A as an administrator. */
export const newUser = (world: World, input: object = {}) =>
  createUser(world.as(world.admin), { email: newEmail(), organization_id: world.a.id, ...input });

/** A user's row, with the columns that no answer has. */
export async function userRow({ db }: World, id: string) {
  const [row] = await db.select().from(users).where(eq(users.id, id));
  if (row === undefined) throw new Error("user not found");
  return row;
}

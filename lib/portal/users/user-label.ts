import { and, eq } from "drizzle-orm";
import { users } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";
import { visibleUsers } from "#lib/services/users/user-access";

/** The name of a user, or else the e-mail address; null if the actor sees no such user. */
export async function userLabel(ctx: ServiceContext, id: string): Promise<string | null> {
  const [user] = await ctx.db
    .select({ name: users.name, email: users.email })
    .from(users)
    .where(and(eq(users.id, id), visibleUsers(ctx.actor)));
  return user ? (user.name ?? user.email) : null;
}

import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import type { UserActor } from "./actor";
import { sessionStamp, stampColumns } from "./session-stamp";

/** The content of a session. Everything else is read from the database each time. */
export type SessionClaims = { userId: string; stamp: string };

/**
 * Reads the user of a session from the database, so that a deletion, a new role, an unlinked sign-on or a new password
 * takes effect on the next request.
 * @returns null if the session is no longer valid
 */
export async function readActor(db: Db, claims: SessionClaims): Promise<UserActor | null> {
  if (!z.uuid().safeParse(claims.userId).success) return null;
  const [user] = await db
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      role: users.role,
      organizationId: users.organizationId,
      ...stampColumns,
    })
    .from(users)
    .where(eq(users.id, claims.userId));
  if (user === undefined) return null;
  const stamp = sessionStamp(user);
  if (stamp === null || stamp !== claims.stamp) return null;
  return {
    kind: "user",
    id: user.id,
    name: user.name ?? user.email,
    email: user.email,
    role: user.role,
    organizationId: user.organizationId,
  };
}

import { lt, sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { invites, sessions } from "#lib/db/schema/sessions";

/** Deletes the sessions and invites that have expired. Returns how many of each. */
export async function deleteExpired(db: Db): Promise<{ sessions: number; invites: number }> {
  const now = sql`now()`;
  const ended = await db.delete(sessions).where(lt(sessions.expiresAt, now)).returning({ id: sessions.id });
  const unused = await db
    .delete(invites)
    .where(lt(invites.expiresAt, now))
    .returning({ userId: invites.userId });
  return { sessions: ended.length, invites: unused.length };
}

import { lt, sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { invites, passwordResetRequests, passwordResets, sessions } from "#lib/db/schema/sessions";
import { RESET_S } from "./password-reset";

/** Deletes the sessions, invites and links to new passwords that have expired. Returns how many of each. */
export async function deleteExpired(
  db: Db,
): Promise<{ sessions: number; invites: number; passwordResets: number }> {
  const now = sql`now()`;
  const ended = await db.delete(sessions).where(lt(sessions.expiresAt, now)).returning({ id: sessions.id });
  const unused = await db
    .delete(invites)
    .where(lt(invites.expiresAt, now))
    .returning({ userId: invites.userId });
  const resets = await db
    .delete(passwordResets)
    .where(lt(passwordResets.expiresAt, now))
    .returning({ id: passwordResets.id });
  // The delivery job takes them within seconds, unless the mail server is no longer configured.
  await db
    .delete(passwordResetRequests)
    .where(lt(passwordResetRequests.createdAt, sql`now() - make_interval(secs => ${RESET_S}::int)`));
  return { sessions: ended.length, invites: unused.length, passwordResets: resets.length };
}

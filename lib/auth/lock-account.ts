import { asc, eq } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { accounts, users } from "#lib/db/schema/identity";

/** Locks an account whose password is to change, in the order of `updateUser`: its memberships, which it returns, first. */
export async function lockAccount(tx: Tx, accountId: string) {
  const members = await tx
    .select()
    .from(users)
    .where(eq(users.accountId, accountId))
    .orderBy(asc(users.id))
    .for("share");
  const [account] = await tx.select().from(accounts).where(eq(accounts.id, accountId)).for("update");
  return { members, account };
}

import { and, eq, ne } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { adminTokens } from "#lib/db/schema/identity";

/**
 * Deletes the tokens that a user's rights bound, also those that their tokens created.
 * @param stays the organization that the user moves to, whose tokens stay, as do those for everything, whose rights
 * follow the user; absent for a user who is deleted
 * @returns their ids, for the audit log
 */
export async function endTokensOf(tx: Tx, userId: string, stays?: string): Promise<string[]> {
  const elsewhere = stays === undefined ? undefined : ne(adminTokens.organizationId, stays);
  const ended = await tx
    .delete(adminTokens)
    .where(and(eq(adminTokens.makerId, userId), elsewhere))
    .returning({ id: adminTokens.id });
  return ended.map(({ id }) => id);
}

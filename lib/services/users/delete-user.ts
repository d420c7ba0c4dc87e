import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { accounts, apiKeys, users } from "#lib/db/schema/identity";
import { ServiceError } from "#lib/http/errors";
import { endTokensOf } from "#lib/services/admin-tokens/end-tokens";
import { recordAudit } from "#lib/services/audit/record-audit";
import { verb } from "#lib/services/verb";
import { UserId } from "./get-user";
import { toUser } from "./user";
import { lockUser, requireAnotherAdministrator } from "./user-access";

/**
 * Deletes a user, their keys and their admin tokens, which stop working at once, and ends their sessions. An account is
 * deleted with its last membership. The ledger keeps the usage.
 * @throws ServiceError "not_found", "forbidden" for an administrator, "conflict" for the actor's own user and
 * for the last administrator
 */
export const deleteUser = verb({
  role: "org_admin",
  input: UserId,
  output: z.void(),
  run: async (ctx, { id }) => {
    // A rotation or revival of a key locks the key before its person; this locks them the other way round.
    await retryingTransaction(ctx.db, async (tx) => {
      const row = await lockUser(tx, ctx.actor, id);
      const before = toUser(row);
      if (ctx.actor.id === id) throw new ServiceError("conflict", "You cannot delete yourself.");
      if (before.role === "admin") await requireAnotherAdministrator(tx, id);
      const keys = await tx.delete(apiKeys).where(eq(apiKeys.userId, id)).returning({ id: apiKeys.id });
      const tokens = await endTokensOf(tx, id);
      await tx.delete(users).where(eq(users.id, id));
      if (row.accountId !== null) {
        // Waits for an invite that is being accepted with the account.
        await tx.select().from(accounts).where(eq(accounts.id, row.accountId)).for("update");
        const isLeft = sql`EXISTS (SELECT FROM ${users} WHERE ${users.accountId} = ${row.accountId})`;
        await tx.delete(accounts).where(and(eq(accounts.id, row.accountId), sql`NOT ${isLeft}`));
      }
      await recordAudit(tx, ctx, {
        action: "user.delete",
        subjectType: "user",
        subjectId: id,
        organizationId: before.organization_id,
        before: {
          ...before,
          api_keys: keys.map((key) => key.id),
          ...(tokens.length > 0 ? { admin_tokens: tokens } : {}),
        },
      });
    });
  },
});

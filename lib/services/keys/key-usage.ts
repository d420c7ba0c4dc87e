import { eq } from "drizzle-orm";
import { apiKeys } from "#lib/db/schema/identity";
import { notFound } from "#lib/http/errors";
import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { KeyId } from "./get-key";
import { selectKeys } from "./key-rows";

/**
 * What a key has used in its budget's period, or in the current month.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export const keyUsage = verb({
  role: "viewer",
  input: KeyId,
  output: ScopeUsage,
  run: async (ctx, { id }) => {
    const [row] = await selectKeys(ctx.db, ctx.actor, eq(apiKeys.id, id), 1);
    if (row === undefined) throw notFound("key");
    return scopeUsage(ctx.db, "api_key", row);
  },
});

import { eq } from "drizzle-orm";
import { apiKeys } from "#lib/db/schema/identity";
import { notFound } from "#lib/http/errors";
import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { KeyId } from "./get-key";
import { selectKeys } from "./key-rows";

/**
 * The usage of one key in the period of its budget, or in the current month without a budget.
 * @throws ServiceError "not_found" if there is none that the actor may see
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

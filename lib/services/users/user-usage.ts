import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { UserId } from "./get-user";
import { readUser } from "./user-access";

/**
 * What a user has used in their budget's period, or in the current month.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export const userUsage = verb({
  role: "viewer",
  input: UserId,
  output: ScopeUsage,
  run: async (ctx, { id }) => {
    return scopeUsage(ctx.db, "user", await readUser(ctx.db, ctx.actor, id));
  },
});

import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { UserId } from "./get-user";
import { readUser } from "./user-access";

/**
 * The usage of one user in the period of their budget, or in the current month without a budget.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export const userUsage = verb({
  role: "viewer",
  input: UserId,
  output: ScopeUsage,
  run: async (ctx, { id }) => {
    return scopeUsage(ctx.db, "user", await readUser(ctx.db, ctx.actor, id));
  },
});

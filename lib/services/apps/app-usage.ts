import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { readApp } from "./app-access";
import { AppId } from "./get-app";

/**
 * The usage of one app in the period of its budget, or in the current month without a budget.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export const appUsage = verb({
  role: "viewer",
  input: AppId,
  output: ScopeUsage,
  run: async (ctx, { id }) => {
    return scopeUsage(ctx.db, "app", await readApp(ctx.db, ctx.actor, id));
  },
});

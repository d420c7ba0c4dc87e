import { ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { verb } from "#lib/services/verb";
import { readApp } from "./app-access";
import { AppId } from "./get-app";

/**
 * What an app has used in its budget's period, or in the current month.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export const appUsage = verb({
  role: "viewer",
  input: AppId,
  output: ScopeUsage,
  run: async (ctx, { id }) => {
    return scopeUsage(ctx.db, "app", await readApp(ctx.db, ctx.actor, id));
  },
});

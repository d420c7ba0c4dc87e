import type { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { type ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { readApp } from "./app-access";
import { AppId } from "./get-app";

/**
 * What an app has used in its budget's period, or in the current month.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function appUsage(ctx: ServiceContext, input: z.input<typeof AppId>): Promise<ScopeUsage> {
  const { id } = parseInput(AppId, input);
  return scopeUsage(ctx.db, "app", await readApp(ctx.db, ctx.actor, id));
}

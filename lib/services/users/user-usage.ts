import type { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { type ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { UserId } from "./get-user";
import { readUser } from "./user-access";

/**
 * What a user has used in their budget's period, or in the current month.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function userUsage(ctx: ServiceContext, input: z.input<typeof UserId>): Promise<ScopeUsage> {
  const { id } = parseInput(UserId, input);
  return scopeUsage(ctx.db, "user", await readUser(ctx.db, ctx.actor, id));
}

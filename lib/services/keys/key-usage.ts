import { eq } from "drizzle-orm";
import type { z } from "zod";
import { apiKeys } from "#lib/db/schema/identity";
import { notFound } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { type ScopeUsage, scopeUsage } from "#lib/services/usage/scope-usage";
import { KeyId } from "./get-key";
import { selectKeys } from "./key-rows";

/**
 * What a key has used in its budget's period, or in the current month.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function keyUsage(ctx: ServiceContext, input: z.input<typeof KeyId>): Promise<ScopeUsage> {
  const { id } = parseInput(KeyId, input);
  const [row] = await selectKeys(ctx.db, ctx.actor, eq(apiKeys.id, id), 1);
  if (row === undefined) throw notFound("key");
  return scopeUsage(ctx.db, "api_key", row);
}

import { eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { adminTokens } from "#lib/db/schema/identity";

/** The tokens that an administrator sees: all, or their organization's. */
export function visibleTokens(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  return actor.organizationId === null ? sql`false` : eq(adminTokens.organizationId, actor.organizationId);
}

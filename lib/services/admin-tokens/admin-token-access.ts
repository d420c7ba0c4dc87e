import { eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { adminTokens } from "#lib/db/schema/identity";
import { forbidden } from "#lib/http/errors";

/**
 * Admin tokens are for those who administer: all of them, or an organization's.
 * @throws ServiceError "forbidden" for members and viewers
 */
export function requireTokenAdministrator({ role }: Actor): void {
  if (role === "admin" || role === "org_admin") return;
  throw forbidden("Only administrators may see and change admin tokens.");
}

/** Which tokens an administrator sees. */
export function visibleTokens(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  return actor.organizationId === null ? sql`false` : eq(adminTokens.organizationId, actor.organizationId);
}

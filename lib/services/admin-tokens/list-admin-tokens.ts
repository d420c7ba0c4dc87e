import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { adminTokens } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import {
  createdMicros,
  createdPageQuery,
  newestFirst,
  olderThan,
  toCreatedPage,
} from "#lib/services/created-page";
import type { Page } from "#lib/services/page";
import { type AdminToken, adminTokenColumns, toAdminToken } from "./admin-token";
import { requireTokenAdministrator, visibleTokens } from "./admin-token-access";

export const ListAdminTokensQuery = z.strictObject({
  organization_id: z.uuid("Give an organization's id.").optional(),
  ...createdPageQuery,
});

/**
 * The admin tokens that the actor administers, newest first; expired ones stay until they are deleted.
 * @throws ServiceError "invalid", "forbidden"
 */
export async function listAdminTokens(
  ctx: ServiceContext,
  query: z.input<typeof ListAdminTokensQuery> = {},
): Promise<Page<AdminToken>> {
  requireTokenAdministrator(ctx.actor);
  const { organization_id: organizationId, limit, cursor } = parseInput(ListAdminTokensQuery, query);
  const rows = await ctx.db
    .select({ ...adminTokenColumns, createdMicros: createdMicros(adminTokens) })
    .from(adminTokens)
    .where(
      and(
        visibleTokens(ctx.actor),
        organizationId === undefined ? undefined : eq(adminTokens.organizationId, organizationId),
        olderThan(adminTokens, cursor),
      ),
    )
    .orderBy(...newestFirst(adminTokens))
    .limit(limit + 1);
  return toCreatedPage(rows, limit, toAdminToken);
}

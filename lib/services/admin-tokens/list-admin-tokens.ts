import { and } from "drizzle-orm";
import { z } from "zod";
import { adminTokens } from "#lib/db/schema/identity";
import { createdPage, createdPageQuery } from "#lib/services/created-page";
import { equals } from "#lib/services/owners";
import { pageOf } from "#lib/services/page";
import { verb } from "#lib/services/verb";
import { AdminToken, adminTokenColumns, toAdminToken } from "./admin-token";
import { visibleTokens } from "./admin-token-access";

/** The admin tokens that the actor may see, newest first. Expired ones are listed until they are deleted. */
export const listAdminTokens = verb({
  role: "org_admin",
  input: z.strictObject({
    organization_id: z.uuid("`organization_id` must be a UUID.").optional(),
    ...createdPageQuery,
  }),
  output: pageOf(AdminToken),
  run: async (ctx, { organization_id: organizationId, limit, cursor }) => {
    const page = createdPage(adminTokens, { limit, cursor });
    const query = ctx.db
      .select({ ...adminTokenColumns, createdMicros: page.createdMicros })
      .from(adminTokens)
      .where(and(visibleTokens(ctx.actor), equals(adminTokens.organizationId, organizationId), page.after));
    return page.read(query, toAdminToken);
  },
});

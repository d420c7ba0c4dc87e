import { and, ilike } from "drizzle-orm";
import { z } from "zod";
import { organizations } from "#lib/db/schema/identity";
import {
  createdMicros,
  createdPageQuery,
  newestFirst,
  olderThan,
  toCreatedPage,
} from "#lib/services/created-page";
import { textField } from "#lib/services/fields";
import { pageOf } from "#lib/services/page";
import { containsText } from "#lib/services/search";
import { verb } from "#lib/services/verb";
import { Organization, organizationColumns, toOrganization } from "./organization";
import { visibleOrganizations } from "./organization-access";

export const ListOrganizationsQuery = z.strictObject({
  search: textField(100).optional().describe("Part of the name."),
  ...createdPageQuery,
});

/** The organizations that the actor may see, newest first. */
export const listOrganizations = verb({
  role: "viewer",
  input: ListOrganizationsQuery,
  output: pageOf(Organization),
  run: async (ctx, { search, limit, cursor }) => {
    const rows = await ctx.db
      .select({ ...organizationColumns, createdMicros: createdMicros(organizations) })
      .from(organizations)
      .where(
        and(
          visibleOrganizations(ctx.actor),
          search ? ilike(organizations.name, containsText(search)) : undefined,
          olderThan(organizations, cursor),
        ),
      )
      .orderBy(...newestFirst(organizations))
      .limit(limit + 1);
    return toCreatedPage(rows, limit, toOrganization);
  },
});

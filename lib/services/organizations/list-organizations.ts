import { and, ilike } from "drizzle-orm";
import { z } from "zod";
import { organizations } from "#lib/db/schema/identity";
import { createdPage, createdPageQuery } from "#lib/services/created-page";
import { textField } from "#lib/services/fields";
import { hasMetadata, metadataFilter } from "#lib/services/metadata";
import { pageOf } from "#lib/services/page";
import { containsText } from "#lib/services/search";
import { verb } from "#lib/services/verb";
import { Organization, organizationColumns, toOrganization } from "./organization";
import { visibleOrganizations } from "./organization-access";

/** The organizations that the actor may see, newest first. */
export const listOrganizations = verb({
  role: "viewer",
  input: z.strictObject({
    search: textField(100).optional().describe("Part of the name."),
    metadata: metadataFilter,
    ...createdPageQuery,
  }),
  output: pageOf(Organization),
  run: async (ctx, { search, metadata, limit, cursor }) => {
    const page = createdPage(organizations, { limit, cursor });
    const found = search ? ilike(organizations.name, containsText(search)) : undefined;
    const query = ctx.db
      .select({ ...organizationColumns, createdMicros: page.createdMicros })
      .from(organizations)
      .where(
        and(
          visibleOrganizations(ctx.actor),
          found,
          hasMetadata(organizations.metadata, metadata),
          page.after,
        ),
      );
    return page.read(query, toOrganization);
  },
});

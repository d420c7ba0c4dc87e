import { and, ilike, or } from "drizzle-orm";
import { z } from "zod";
import { apps } from "#lib/db/schema/identity";
import { createdPage, createdPageQuery } from "#lib/services/created-page";
import { textField } from "#lib/services/fields";
import { hasMetadata, metadataFilter } from "#lib/services/metadata";
import { equals } from "#lib/services/owners";
import { pageOf } from "#lib/services/page";
import { containsText } from "#lib/services/search";
import { verb } from "#lib/services/verb";
import { App, appColumns, toApp } from "./app";
import { visibleApps } from "./app-access";

/** The apps that the actor may see, newest first. */
export const listApps = verb({
  role: "viewer",
  input: z.strictObject({
    organization_id: z.uuid().optional(),
    search: textField(100).optional().describe("Part of the name or the external id."),
    metadata: metadataFilter,
    ...createdPageQuery,
  }),
  output: pageOf(App),
  run: async (ctx, { organization_id, search, metadata, limit, cursor }) => {
    const pattern = search ? containsText(search) : undefined;
    const page = createdPage(apps, { limit, cursor });
    const query = ctx.db
      .select({ ...appColumns, createdMicros: page.createdMicros })
      .from(apps)
      .where(
        and(
          visibleApps(ctx.actor),
          equals(apps.organizationId, organization_id),
          pattern === undefined ? undefined : or(ilike(apps.name, pattern), ilike(apps.externalId, pattern)),
          hasMetadata(apps.metadata, metadata),
          page.after,
        ),
      );
    return page.read(query, toApp);
  },
});

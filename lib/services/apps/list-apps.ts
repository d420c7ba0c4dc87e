import { and, eq, ilike, or } from "drizzle-orm";
import { z } from "zod";
import { apps } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import {
  createdMicros,
  createdPageQuery,
  newestFirst,
  olderThan,
  toCreatedPage,
} from "#lib/services/created-page";
import { textField } from "#lib/services/fields";
import type { Page } from "#lib/services/page";
import { containsText } from "#lib/services/search";
import { type App, appColumns, toApp } from "./app";
import { visibleApps } from "./app-access";

export const ListAppsQuery = z.strictObject({
  organization_id: z.uuid().optional(),
  search: textField(100).optional().describe("Part of the name or the external id."),
  ...createdPageQuery,
});

/**
 * The apps that the actor may see, newest first.
 * @throws ServiceError "invalid"
 */
export async function listApps(
  ctx: ServiceContext,
  query: z.input<typeof ListAppsQuery> = {},
): Promise<Page<App>> {
  const { organization_id, search, limit, cursor } = parseInput(ListAppsQuery, query);
  const pattern = search ? containsText(search) : undefined;
  const rows = await ctx.db
    .select({ ...appColumns, createdMicros: createdMicros(apps) })
    .from(apps)
    .where(
      and(
        visibleApps(ctx.actor),
        organization_id === undefined ? undefined : eq(apps.organizationId, organization_id),
        pattern === undefined ? undefined : or(ilike(apps.name, pattern), ilike(apps.externalId, pattern)),
        olderThan(apps, cursor),
      ),
    )
    .orderBy(...newestFirst(apps))
    .limit(limit + 1);
  const now = new Date();
  return toCreatedPage(rows, limit, (row) => toApp(row, now));
}

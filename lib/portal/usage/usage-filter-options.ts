import { and, eq, sql } from "drizzle-orm";
import { apps } from "#lib/db/schema/identity";
import { type RequestFilterOptions, requestFilterOptions } from "#lib/portal/requests/request-filter-options";
import { userLabel } from "#lib/portal/users/user-label";
import type { ServiceContext } from "#lib/services/context";
import type { UsageFilters } from "#lib/services/usage/usage-question";
import { usedMetadataNames } from "./metadata-names";

/** The choices on the usage page, and the names of what it is filtered by; null for what the actor does not see. */
export type UsageFilterOptions = Omit<RequestFilterOptions, "endpoints"> & {
  metadataNames: string[];
  userName: string | null;
  appName: string | null;
};

export async function usageFilterOptions(
  ctx: ServiceContext,
  { organization_id: organizationId, user_id: userId, app_id: appId }: UsageFilters,
): Promise<UsageFilterOptions> {
  const [{ endpoints: _, ...options }, metadataNames, userName, appName] = await Promise.all([
    requestFilterOptions(ctx, organizationId ?? null),
    usedMetadataNames(ctx),
    userId === undefined ? null : userLabel(ctx, userId),
    appId === undefined ? null : nameOfApp(ctx, appId),
  ]);
  return { ...options, metadataNames, userName, appName };
}

/** Members too see what apps of their organization are called, since requests for them say so. */
async function nameOfApp({ db, actor }: ServiceContext, id: string): Promise<string | null> {
  const own = actor.role === "admin" ? undefined : sql`${apps.organizationId} = ${actor.organizationId}`;
  const [app] = await db
    .select({ name: apps.name })
    .from(apps)
    .where(and(eq(apps.id, id), own));
  return app?.name ?? null;
}

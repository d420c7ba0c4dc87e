import type { z } from "zod";
import {
  type WithOrganizationName,
  withOrganizationNames,
} from "#lib/portal/organizations/with-organization-names";
import { type RunningSpend, withRunningSpend } from "#lib/portal/usage/running-spend";
import type { App } from "#lib/services/apps/app";
import { type ListAppsQuery, listApps } from "#lib/services/apps/list-apps";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";

/** An app with what a table says of it besides. */
export type AppTableRow = App & RunningSpend & WithOrganizationName;

/**
 * The apps that the actor may see, newest first, with what their budgets' periods have spent.
 * @throws ServiceError "invalid"
 */
export async function appTable(
  ctx: ServiceContext,
  query: z.input<typeof ListAppsQuery>,
): Promise<Page<AppTableRow>> {
  const { data, next_cursor } = await listApps(ctx, query);
  const named = await withOrganizationNames(ctx, data);
  return { data: await withRunningSpend(ctx.db, named), next_cursor };
}

import type { z } from "zod";
import type { ServiceContext } from "#lib/services/context";
import {
  type WithOrganizationName,
  withOrganizationNames,
} from "#lib/services/organizations/with-organization-names";
import type { Page } from "#lib/services/page";
import { type RunningSpend, withRunningSpend } from "#lib/services/usage/running-spend";
import type { App } from "./app";
import { type ListAppsQuery, listApps } from "./list-apps";

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

import { type WithNameAndSpend, withNameAndSpend } from "#lib/portal/usage/name-and-spend";
import type { App } from "#lib/services/apps/app";
import { listApps } from "#lib/services/apps/list-apps";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";
import type { InputOf } from "#lib/services/verb";

export type AppTableRow = App & WithNameAndSpend;

/**
 * Lists the apps that the actor may see, newest first.
 * @throws ServiceError "invalid"
 */
export const appTable = async (
  ctx: ServiceContext,
  query: InputOf<typeof listApps>,
): Promise<Page<AppTableRow>> => withNameAndSpend(ctx, await listApps(ctx, query));

import {
  type WithOrganizationName,
  withOrganizationNames,
} from "#lib/portal/organizations/with-organization-names";
import type { ServiceContext } from "#lib/services/context";
import type { Budget } from "#lib/services/limits";
import type { Page } from "#lib/services/page";
import { type RunningSpend, withRunningSpend } from "./running-spend";

/** What tables add to apps and users. */
export type WithNameAndSpend = RunningSpend & WithOrganizationName;

type Scope = { id: string; organization_id: string | null; budget: Budget | null };

/** Adds the organization's name and the running spend to a page. The caller has checked what the actor may see. */
export async function withNameAndSpend<S extends Scope>(
  ctx: ServiceContext,
  { data, next_cursor }: Page<S>,
): Promise<Page<S & WithNameAndSpend>> {
  return { data: await withRunningSpend(ctx.db, await withOrganizationNames(ctx, data)), next_cursor };
}

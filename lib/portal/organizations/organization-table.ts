import { count, inArray } from "drizzle-orm";
import { users } from "#lib/db/schema/identity";
import { type RunningSpend, withRunningSpend } from "#lib/portal/usage/running-spend";
import type { ServiceContext } from "#lib/services/context";
import { listOrganizations } from "#lib/services/organizations/list-organizations";
import type { Organization } from "#lib/services/organizations/organization";
import type { Page } from "#lib/services/page";
import type { InputOf } from "#lib/services/verb";

export type OrganizationTableRow = Organization & RunningSpend & { users: number };

/**
 * Lists the organizations that the actor may see, newest first, with the number of their users and their
 * running spend.
 * @throws ServiceError "invalid"
 */
export async function organizationTable(
  ctx: ServiceContext,
  query: InputOf<typeof listOrganizations>,
): Promise<Page<OrganizationTableRow>> {
  const { data, next_cursor } = await listOrganizations(ctx, query);
  const ids = data.map((organization) => organization.id);
  const [rows, counts] = await Promise.all([withRunningSpend(ctx.db, data), countUsers(ctx, ids)]);
  return { data: rows.map((row) => ({ ...row, users: counts.get(row.id) ?? 0 })), next_cursor };
}

/** The number of users by organization. The caller has checked that the actor may see the organizations. */
export async function countUsers({ db }: ServiceContext, ids: string[]): Promise<Map<string | null, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: users.organizationId, users: count() })
    .from(users)
    .where(inArray(users.organizationId, ids))
    .groupBy(users.organizationId);
  return new Map(rows.map((row) => [row.id, row.users]));
}

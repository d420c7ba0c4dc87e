import { inArray } from "drizzle-orm";
import { organizations } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";

/** Null without an organization. */
export type WithOrganizationName = { organization_name: string | null };

/** Adds the names of organizations to rows. The caller has checked that the actor may see the rows. */
export async function withOrganizationNames<Row extends { organization_id: string | null }>(
  { db }: ServiceContext,
  rows: readonly Row[],
): Promise<(Row & WithOrganizationName)[]> {
  const ids = [...new Set(rows.flatMap(({ organization_id: id }) => (id === null ? [] : [id])))];
  const found =
    ids.length === 0
      ? []
      : await db
          .select({ id: organizations.id, name: organizations.name })
          .from(organizations)
          .where(inArray(organizations.id, ids));
  const names = new Map<string | null, string>(found.map(({ id, name }) => [id, name]));
  return rows.map((row) => ({ ...row, organization_name: names.get(row.organization_id) ?? null }));
}

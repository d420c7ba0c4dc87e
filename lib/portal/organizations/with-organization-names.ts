import { inArray } from "drizzle-orm";
import { organizations } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";

/** What a thing of an organization says of it; null where it has none. */
export type WithOrganizationName = { organization_name: string | null };

/**
 * Adds to things that the actor was found to see the names of their organizations, which are theirs to
 * see then, too.
 */
export async function withOrganizationNames<T extends { organization_id: string | null }>(
  { db }: ServiceContext,
  things: readonly T[],
): Promise<(T & WithOrganizationName)[]> {
  const ids = [...new Set(things.flatMap(({ organization_id: id }) => (id === null ? [] : [id])))];
  const rows =
    ids.length === 0
      ? []
      : await db
          .select({ id: organizations.id, name: organizations.name })
          .from(organizations)
          .where(inArray(organizations.id, ids));
  const names = new Map<string | null, string>(rows.map(({ id, name }) => [id, name]));
  return things.map((thing) => ({ ...thing, organization_name: names.get(thing.organization_id) ?? null }));
}

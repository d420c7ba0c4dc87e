import { and, asc, eq } from "drizzle-orm";
import { EXTERNAL_ID } from "#lib/auth/external-id";
import { organizations, users } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";
import { visibleUsers } from "#lib/services/users/user-access";

const PREFIX = "external_id:";
const MOST_SHOWN = 100;

/** One of the users whom other systems know by the same id. */
export type ExternalUser = { id: string; name: string | null; email: string | null; organization: string };

/**
 * The external id in the last part of a page's address, as in the Admin API's paths: `external_id:emp-17`.
 * @param segment percent-encoded or not
 */
export function externalIdIn(segment: string): string | null {
  let text = segment;
  try {
    text = decodeURIComponent(segment);
  } catch {
    // Not encoded, then.
  }
  if (!text.startsWith(PREFIX)) return null;
  const externalId = text.slice(PREFIX.length);
  return EXTERNAL_ID.test(externalId) ? externalId : null;
}

/** The users with an external id that the actor may see, by their organizations' names. */
export async function externalUsers(
  { db, actor }: ServiceContext,
  externalId: string,
): Promise<ExternalUser[]> {
  return db
    .select({ id: users.id, name: users.name, email: users.email, organization: organizations.name })
    .from(users)
    .innerJoin(organizations, eq(organizations.id, users.organizationId))
    .where(and(eq(users.externalId, externalId), visibleUsers(actor)))
    .orderBy(asc(organizations.name), asc(users.id))
    .limit(MOST_SHOWN);
}

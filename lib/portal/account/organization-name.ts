import { eq } from "drizzle-orm";
import { organizations } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";

/** The name of the reader's own organization; null for administrators of all. */
export async function organizationName({ db, actor }: ServiceContext): Promise<string | null> {
  if (actor.organizationId === null) return null;
  const [found] = await db
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, actor.organizationId));
  return found?.name ?? null;
}

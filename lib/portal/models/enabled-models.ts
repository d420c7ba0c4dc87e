import { asc, eq } from "drizzle-orm";
import { models } from "#lib/db/schema/routing";
import type { ServiceContext } from "#lib/services/context";

/** The names of the enabled models, for forms. */
export async function enabledModelNames({ db }: ServiceContext): Promise<string[]> {
  const rows = await db
    .select({ name: models.name })
    .from(models)
    .where(eq(models.enabled, true))
    .orderBy(asc(models.name));
  return rows.map(({ name }) => name);
}

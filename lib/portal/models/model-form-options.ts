import { asc } from "drizzle-orm";
import { providers } from "#lib/db/schema/routing";
import type { ServiceContext } from "#lib/services/context";
import { createModel } from "#lib/services/models/create-model";
import { hasRole } from "#lib/services/role";

/** @returns the providers that a model may be served by; null if the actor may not create models */
export async function modelFormOptions({
  db,
  actor,
}: ServiceContext): Promise<{ providers: { id: string; name: string }[] } | null> {
  if (!hasRole(actor, createModel.role)) return null;
  const rows = await db
    .select({ id: providers.id, name: providers.name })
    .from(providers)
    .orderBy(asc(providers.name));
  return { providers: rows };
}

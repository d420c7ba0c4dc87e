import { and, eq, isNotNull, sql } from "drizzle-orm";
import { metadataSets } from "#lib/db/schema/credit";
import { usageGroups } from "#lib/db/schema/usage";
import type { ServiceContext } from "#lib/services/context";
import { visibleTo } from "#lib/services/scope";

const MOST_SETS = 500;
const MOST_NAMES = 20;

/** Names of metadata that usage can be grouped by: of callers that the actor sees, in order. */
export async function usedMetadataNames({ actor, db }: ServiceContext): Promise<string[]> {
  const sets = db
    .selectDistinct({ id: usageGroups.metadataId })
    .from(usageGroups)
    .where(
      and(eq(usageGroups.cut, "owner"), isNotNull(usageGroups.metadataId), visibleTo(actor, usageGroups)),
    )
    .limit(MOST_SETS)
    .as("used");
  const name = sql<string>`jsonb_object_keys(${metadataSets.pairs})`.as("name");
  const rows = await db
    .selectDistinct({ name })
    .from(sets)
    .innerJoin(metadataSets, eq(metadataSets.id, sets.id))
    .orderBy(sql`1`)
    .limit(MOST_NAMES);
  return rows.map((row) => row.name);
}

import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";
import { organizations } from "#lib/db/schema/identity";
import { oidcOrganization } from "#lib/db/schema/installation";

/** The organization of OIDC_ORGANIZATION. */
export type OidcOrganization =
  | { found: true; id: string }
  /** `ids`: of the organizations that the value could mean. */
  | { found: false; reason: "missing" | "deleted" | "ambiguous"; ids: string[] };

/** Replicas that start together resolve it once. */
const RESOLVING_LOCK = "742117901188";

/**
 * Finds the organization of OIDC_ORGANIZATION at start, and keeps its id for as long as the setting is the same: whatever
 * is renamed later, new people join this one. A UUID is an id and never a name.
 */
export function resolveOidcOrganization(db: Db, setting: string): Promise<OidcOrganization> {
  return db.transaction((tx) => resolve(tx, setting, { atStart: true }));
}

/**
 * The organization that a new person joins. If none was found at start (or nothing starts, as on Vercel), it is looked
 * for now, but not among organizations that were renamed: an `org_admin` may give theirs the name.
 */
export const readOidcOrganization = (tx: Tx, setting: string): Promise<OidcOrganization> =>
  resolve(tx, setting, { atStart: false });

async function resolve(
  tx: Tx,
  setting: string,
  { atStart }: { atStart: boolean },
): Promise<OidcOrganization> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${RESOLVING_LOCK}::bigint)`);
  const [known] = await tx.select().from(oidcOrganization);
  const knownId = known?.setting === setting ? known.organizationId : undefined;
  if (typeof knownId === "string") {
    const exists = (await tx.$count(organizations, eq(organizations.id, knownId))) > 0;
    return exists ? { found: true, id: knownId } : { found: false, reason: "deleted", ids: [knownId] };
  }
  // Once a name was missing, an organization that takes it by renaming is none that the administrator meant.
  const ids = await organizationsMeant(tx, setting, { renamedToo: atStart && knownId === undefined });
  const [id] = ids;
  if (ids.length > 1) return { found: false, reason: "ambiguous", ids };
  const values = { setting, organizationId: id ?? null, resolvedAt: sql`now()` };
  await tx
    .insert(oidcOrganization)
    .values(values)
    .onConflictDoUpdate({ target: oidcOrganization.id, set: values });
  return id === undefined ? { found: false, reason: "missing", ids } : { found: true, id };
}

async function organizationsMeant(
  tx: Tx,
  setting: string,
  { renamedToo }: { renamedToo: boolean },
): Promise<string[]> {
  const isId = z.guid().safeParse(setting).success;
  const isMeant = isId ? eq(organizations.id, setting) : eq(organizations.name, setting);
  const wasRenamed = sql`EXISTS (SELECT FROM audit_log a WHERE a.subject_type = 'organization'
    AND a.subject_id = ${organizations.id}::text AND a.before ->> 'name' <> a.after ->> 'name')`;
  const rows = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(and(isMeant, isId || renamedToo ? undefined : sql`NOT ${wasRenamed}`))
    .orderBy(organizations.createdAt)
    .limit(10);
  return rows.map(({ id }) => id);
}

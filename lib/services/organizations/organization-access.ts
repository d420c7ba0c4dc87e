import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { organizations } from "#lib/db/schema/identity";
import { forbidden, notFound, ServiceError } from "#lib/http/errors";
import { organizationColumns } from "./organization";

/** Which organizations an actor sees: administrators all, its `org_admin` and `viewer` one, a member none. */
export function visibleOrganizations(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  if (actor.role === "member" || actor.organizationId === null) return sql`false`;
  return eq(organizations.id, actor.organizationId);
}

/**
 * One organization.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function readOrganization(db: Db | Tx, actor: Actor, id: string) {
  const [row] = await selectOrganization(db, actor, id);
  if (row === undefined) throw notFound("organization");
  return row;
}

/** The same, locked for a change: nobody gains or loses it before the transaction ends. */
export async function lockOrganization(tx: Tx, actor: Actor, id: string) {
  const [row] = await selectOrganization(tx, actor, id).for("update");
  if (row === undefined) throw notFound("organization");
  return row;
}

const selectOrganization = (db: Db | Tx, actor: Actor, id: string) =>
  db
    .select(organizationColumns)
    .from(organizations)
    .where(and(eq(organizations.id, id), visibleOrganizations(actor)));

/** @throws ServiceError "forbidden" for everybody but administrators */
export function requireAdministrator(actor: Actor, what: string): void {
  if (actor.role !== "admin") throw forbidden(`Only administrators may ${what}.`);
}

export const nameTaken = (name: string) =>
  new ServiceError("conflict", `There is an organization named "${name}" already.`, {
    name: "This name is taken.",
  });

import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { organizations } from "#lib/db/schema/identity";
import { forbidden, notFound } from "#lib/http/errors";
import { organizationColumns } from "./organization";

/** The organizations that an actor sees: administrators all, `org_admin` and `viewer` their own, members none. */
export function visibleOrganizations(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  if (actor.role === "member" || actor.organizationId === null) return sql`false`;
  return eq(organizations.id, actor.organizationId);
}

/** @throws ServiceError "not_found" if there is none that the actor may see */
export async function readOrganization(db: Db | Tx, actor: Actor, id: string) {
  const [row] = await selectOrganization(db, actor, id);
  if (row === undefined) throw notFound("organization");
  return row;
}

/** The same, locked for a change and against new users, keys and apps. */
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

/** @throws ServiceError "forbidden" except for administrators */
export function requireAdministrator(actor: Actor, what: string): void {
  if (actor.role !== "admin") throw forbidden(`Only administrators may ${what}.`);
}

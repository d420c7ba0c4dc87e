import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { apps } from "#lib/db/schema/identity";
import { violatedUnique } from "#lib/db/unique-violation";
import { notFound, ServiceError } from "#lib/http/errors";
import { appColumns } from "./app";

/** The apps that an actor sees: administrators all, `org_admin` and `viewer` their organization's, members none. */
export function visibleApps(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  if (actor.role === "member" || actor.organizationId === null) return sql`false`;
  return eq(apps.organizationId, actor.organizationId);
}

/** @throws ServiceError "not_found" if there is none that the actor may see */
export async function readApp(db: Db | Tx, actor: Actor, id: string) {
  const [row] = await db
    .select(appColumns)
    .from(apps)
    .where(and(eq(apps.id, id), visibleApps(actor)));
  if (row === undefined) throw notFound("app");
  return row;
}

/**
 * An app's row with all columns, locked for a change.
 * @throws ServiceError "not_found" if there is none that the actor may see
 */
export async function lockApp(tx: Tx, actor: Actor, id: string) {
  const [row] = await tx
    .select()
    .from(apps)
    .where(and(eq(apps.id, id), visibleApps(actor)))
    .for("update");
  if (row === undefined) throw notFound("app");
  return row;
}

/** Replaces the error of a write with a taken external id. */
export function externalIdTaken(error: unknown): never {
  if (violatedUnique(error) !== "apps_external_id_key") throw error;
  const message = "Another app in this organization has this external id.";
  throw new ServiceError("conflict", message, { external_id: message });
}

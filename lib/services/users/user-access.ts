import { and, eq, ne, type SQL, sql } from "drizzle-orm";
import type { Actor, Role } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { organizations, users } from "#lib/db/schema/identity";
import { forbidden, invalidField, notFound, ServiceError } from "#lib/http/errors";
import { hasRole, isAtMost } from "#lib/services/role";
import { visibleTo } from "#lib/services/scope";
import { userColumns } from "./user";

/** Which users an actor sees: an organization's people all of it, a member only themselves. */
export const visibleUsers = (actor: Actor): SQL | undefined =>
  visibleTo(actor, { organizationId: users.organizationId, userId: users.id });

/**
 * One user.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function readUser(db: Db | Tx, actor: Actor, id: string) {
  const [row] = await selectUser(db, actor, id);
  if (row === undefined) throw notFound("user");
  return row;
}

/**
 * One user, locked for a change by an administrator.
 * @throws ServiceError "not_found", "forbidden"
 */
export async function lockUser(tx: Tx, actor: Actor, id: string) {
  const [row] = await selectUser(tx, actor, id).for("update");
  if (row === undefined) throw notFound("user");
  if (!mayManageUser(actor, row)) throw forbidden("You may not change an administrator.");
  return row;
}

const selectUser = (db: Db | Tx, actor: Actor, id: string) =>
  db
    .select(userColumns)
    .from(users)
    .where(and(eq(users.id, id), visibleUsers(actor)));

/** Whether an actor may change a user that it sees: whoever could set an administrator's password would be one. */
export const mayManageUser = (actor: Actor, user: { role: Role }): boolean =>
  hasRole(actor, "org_admin") && isAtMost(user.role, actor.role);

/** @throws ServiceError "forbidden" where the role is above the actor's own */
export function requireMayGive(actor: Actor, role: Role): void {
  if (!isAtMost(role, actor.role))
    throw forbidden(`You may not give the role ${role}: it is above your own.`);
}

/**
 * Holds on to the organization that a user is to belong to.
 * @throws ServiceError "not_found" (none that the actor may see), "invalid" for none at all unless the
 * user is an administrator
 */
export async function holdOrganization(
  tx: Tx,
  actor: Actor,
  organizationId: string | null,
  role: Role,
): Promise<void> {
  if (organizationId === null) {
    if (role === "admin") return;
    throw invalidField("organization_id", "Choose an organization; only administrators need none.");
  }
  const [found] =
    actor.role === "admin" || actor.organizationId === organizationId
      ? await tx
          .select({ id: organizations.id })
          .from(organizations)
          .where(eq(organizations.id, organizationId))
          .for("key share")
      : [];
  if (found === undefined) {
    const message = "Organization not found.";
    throw new ServiceError("not_found", message, { organization_id: message });
  }
}

/** Whoever takes an administrator away does so alone. */
const ADMINISTRATORS_LOCK = "742117901161";

/**
 * Keeps somebody who can administer the installation, also where two administrators delete each other
 * at once.
 * @throws ServiceError "conflict"
 */
export async function requireAnotherAdministrator(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${ADMINISTRATORS_LOCK}::bigint)`);
  const others = await tx.$count(users, and(eq(users.role, "admin"), ne(users.id, id)));
  if (others === 0) {
    throw new ServiceError("conflict", "This is the last administrator. Make another one first.");
  }
}

/** Which of the inputs clashed, by the constraint that said so. */
export function userTaken(constraint: string): ServiceError {
  if (constraint === "users_external_id_key") {
    const message = "Another user of the organization has this external id.";
    return new ServiceError("conflict", message, { external_id: message });
  }
  const message = "There is a user with this e-mail address already.";
  return new ServiceError("conflict", message, { email: message });
}

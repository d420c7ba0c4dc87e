import { and, eq, ne, type SQL, sql } from "drizzle-orm";
import type { Actor, Role } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { organizations, users } from "#lib/db/schema/identity";
import { violatedUnique } from "#lib/db/unique-violation";
import { forbidden, invalidField, notFound, ServiceError } from "#lib/http/errors";
import { hasRole, isAtMost } from "#lib/services/role";
import { visibleTo } from "#lib/services/scope";
import { type User, userColumns } from "./user";

/** The users that an actor sees: administrators all, `org_admin` and `viewer` their organization's, members themselves. */
export const visibleUsers = (actor: Actor): SQL | undefined =>
  visibleTo(actor, { organizationId: users.organizationId, userId: users.id });

/** @throws ServiceError "not_found" if there is none that the actor may see */
export async function readUser(db: Db | Tx, actor: Actor, id: string) {
  const [row] = await selectUser(db, actor, id);
  if (row === undefined) throw notFound("user");
  return row;
}

/**
 * A user's row, locked for a change.
 * @throws ServiceError "not_found", "forbidden" for a user whose role is above the actor's own
 */
export async function lockUser(tx: Tx, actor: Actor, id: string) {
  const [row] = await selectUser(tx, actor, id).for("update");
  if (row === undefined) throw notFound("user");
  if (!mayManageUser(actor, row)) throw forbidden("Only administrators may change an administrator.");
  return row;
}

const selectUser = (db: Db | Tx, actor: Actor, id: string) =>
  db
    .select(userColumns)
    .from(users)
    .where(and(eq(users.id, id), visibleUsers(actor)));

/** Whether an actor may change a user that they see. Not one with more rights, whose password they could set. */
export const mayManageUser = (actor: Actor, user: { role: Role }): boolean =>
  hasRole(actor, "org_admin") && isAtMost(user.role, actor.role);

/** @throws ServiceError "forbidden" for a role above the actor's own */
export function requireMayGive(actor: Actor, role: Role): void {
  if (!isAtMost(role, actor.role))
    throw forbidden(`You may not give the role ${role}: it is above your own.`);
}

/**
 * Requires what a user is known by.
 * @throws ServiceError "invalid"
 */
export function requireNamed({ email, external_id }: Pick<User, "email" | "external_id">): void {
  if (email === null && external_id === null)
    throw invalidField("email", "Enter an e-mail address or an external ID.");
}

/**
 * Locks an organization against deletion until its new user, key or app is written.
 * @throws ServiceError "not_found" if there is none that the actor may see, "invalid" for null unless the role
 * is admin
 */
export async function requireOrganization(
  tx: Tx,
  actor: Actor,
  organizationId: string | null,
  role: Role,
): Promise<void> {
  if (organizationId === null) {
    if (role === "admin") return;
    throw invalidField("organization_id", "Choose an organization. Only administrators may have none.");
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

/** Serializes changes that remove an administrator. */
const ADMINISTRATORS_LOCK = "742117901161";

/**
 * Ensures that the installation keeps an administrator, even if two delete each other at the same time.
 * @throws ServiceError "conflict"
 */
export async function requireAnotherAdministrator(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${ADMINISTRATORS_LOCK}::bigint)`);
  const others = await tx.$count(users, and(eq(users.role, "admin"), ne(users.id, id)));
  if (others === 0) {
    throw new ServiceError("conflict", "This is the last administrator. Create another one first.");
  }
}

/** Replaces the error of a write with a taken e-mail address or external id. */
export function userTaken(error: unknown): never {
  const constraint = violatedUnique(error);
  if (constraint === undefined) throw error;
  if (constraint === "users_external_id_key") {
    const message = "Another user in this organization has this external id.";
    throw new ServiceError("conflict", message, { external_id: message });
  }
  if (constraint === "users_account_key") {
    throw new ServiceError("conflict", "This person already is a member of that organization.");
  }
  const message = "A user with this e-mail address already exists in the organization.";
  throw new ServiceError("conflict", message, { email: message });
}

import type { Actor, Role, SystemActor } from "#lib/auth/actor";
import { forbidden } from "#lib/http/errors";

/** Each role may do all that the roles before it may do, within what it sees. */
const RANK: Record<Role, number> = { viewer: 0, member: 1, org_admin: 2, admin: 3 };

/** Whether `role` gives no more rights than `other`. */
export const isAtMost = (role: Role, other: Role): boolean => RANK[role] <= RANK[other];

/**
 * Whether an actor has at least this role. An actor without an organization who is not an administrator
 * sees nothing, so it counts as a viewer whatever its role says.
 */
export function hasRole(actor: Actor | SystemActor, least: Role): boolean {
  if (actor.kind === "system") return true;
  const seesNothing = actor.role !== "admin" && actor.organizationId === null;
  return isAtMost(least, seesNothing ? "viewer" : actor.role);
}

/** @throws ServiceError "forbidden" below this role */
export function requireRole(actor: Actor | SystemActor, least: Role): void {
  if (actor.kind === "system" || hasRole(actor, least)) return;
  const needed = least === "admin" ? "the role admin" : `at least the role ${least}`;
  const held = actor.organizationId === null ? `${actor.role} without an organization` : actor.role;
  throw forbidden(`This needs ${needed}; yours is ${held}.`);
}

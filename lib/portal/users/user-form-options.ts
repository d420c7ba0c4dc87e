import type { Actor, Role } from "#lib/auth/actor";
import { organizationNames } from "#lib/portal/organizations/organization-names";
import type { ServiceContext } from "#lib/services/context";
import { hasRole, isAtMost } from "#lib/services/role";
import { createUser } from "#lib/services/users/create-user";

/** The choices in the form for a user. */
export type UserFormOptions = {
  organizations: { id: string; name: string }[];
  roles: Role[];
  /** Whether a user may have no organization, or move to another one. */
  anyOrganization: boolean;
  /** Whether the actor may set passwords. */
  passwords: boolean;
};

const ROLES: readonly Role[] = ["member", "viewer", "org_admin", "admin"];

/** @returns null if the actor may not create users */
export async function userFormOptions(ctx: ServiceContext): Promise<UserFormOptions | null> {
  const { actor } = ctx;
  if (!hasRole(actor, createUser.role)) return null;
  return {
    organizations: await organizationNames(ctx),
    roles: assignableRoles(actor),
    anyOrganization: actor.role === "admin",
    passwords: actor.role === "admin",
  };
}

const assignableRoles = (actor: Actor) => ROLES.filter((role) => isAtMost(role, actor.role));

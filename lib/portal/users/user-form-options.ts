import type { Actor, Role } from "#lib/auth/actor";
import { organizationNames } from "#lib/portal/organizations/organization-names";
import type { ServiceContext } from "#lib/services/context";
import { hasRole, isAtMost } from "#lib/services/role";
import { createUser } from "#lib/services/users/create-user";

/** What the form for a user offers this actor. */
export type UserFormOptions = {
  organizations: { id: string; name: string }[];
  roles: Role[];
  /** Whether a user may be of no organization, or be moved to another. */
  anyOrganization: boolean;
};

const ROLES: readonly Role[] = ["member", "viewer", "org_admin", "admin"];

/** Null where the actor may not make and change users. */
export async function userFormOptions(ctx: ServiceContext): Promise<UserFormOptions | null> {
  const { actor } = ctx;
  if (!hasRole(actor, createUser.role)) return null;
  return {
    organizations: await organizationNames(ctx),
    roles: givableRoles(actor),
    anyOrganization: actor.role === "admin",
  };
}

const givableRoles = (actor: Actor) => ROLES.filter((role) => isAtMost(role, actor.role));

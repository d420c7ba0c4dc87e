import type { Actor, Role } from "#lib/auth/actor";
import { enabledModelNames } from "#lib/portal/models/enabled-models";
import { type OrganizationChoice, organizationChoices } from "#lib/portal/organizations/organization-choices";
import type { ServiceContext } from "#lib/services/context";
import { hasRole, isAtMost } from "#lib/services/role";
import { createUser } from "#lib/services/users/create-user";

/** The choices in the form for a user. */
export type UserFormOptions = {
  organizations: OrganizationChoice[];
  roles: Role[];
  models: string[];
  /** Whether a user may have no organization, or move to another one. */
  anyOrganization: boolean;
  /** Whether the actor may set passwords. */
  passwords: boolean;
};

const ROLES: readonly Role[] = ["member", "viewer", "org_admin", "admin"];

/**
 * @param organizationId the current organization of the user, for a form that changes one
 * @returns null if the actor may not create users
 */
export async function userFormOptions(
  ctx: ServiceContext,
  organizationId: string | null = null,
): Promise<UserFormOptions | null> {
  const { actor } = ctx;
  if (!hasRole(actor, createUser.role)) return null;
  return {
    organizations: await organizationChoices(ctx, organizationId),
    models: await enabledModelNames(ctx),
    roles: assignableRoles(actor),
    anyOrganization: actor.role === "admin",
    passwords: actor.role === "admin",
  };
}

const assignableRoles = (actor: Actor) => ROLES.filter((role) => isAtMost(role, actor.role));

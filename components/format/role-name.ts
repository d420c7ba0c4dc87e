import type { Role } from "#lib/auth/actor";

const NAMES: Record<Role, string> = {
  admin: "Administrator",
  org_admin: "Organization admin",
  member: "Member",
  viewer: "Viewer",
};

/** The name of a role in the portal. */
export const roleName = (role: Role): string => NAMES[role];

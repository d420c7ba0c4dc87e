import type { Role } from "#lib/auth/actor";

/** What each role of a user may do. */
export const ROLE_SCOPES: Record<Role, string> = {
  admin: "full access",
  org_admin: "full access to the organization",
  member: "own keys and usage",
  viewer: "read access to the organization",
};

import "server-only";
import type { Actor } from "#lib/auth/actor";

/** Whether an actor may make or revoke a key of this owner: a viewer never, a member only their own. */
export function mayManageKey(actor: Actor, key: { organizationId: string; userId: string | null }): boolean {
  switch (actor.role) {
    case "admin":
      return true;
    case "org_admin":
      return actor.organizationId === key.organizationId;
    case "member":
      return actor.organizationId === key.organizationId && actor.id === key.userId;
    case "viewer":
      return false;
  }
}

/** Whether there is any key that this actor could make. */
export const mayCreateKeys = (actor: Actor): boolean =>
  actor.role === "admin" || (actor.role !== "viewer" && actor.organizationId !== null);

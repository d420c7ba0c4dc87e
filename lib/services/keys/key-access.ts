import type { Actor } from "#lib/auth/actor";
import { forbidden } from "#lib/http/errors";

type Owned = { organizationId: string; userId: string | null };

/** Whether an actor may create or change keys of this owner: a viewer never, a member only their own. */
export function mayManageKey(actor: Actor, key: Owned): boolean {
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

/** @throws ServiceError "forbidden" for a key that the actor may only see */
export function requireMayManageKey(actor: Actor, key: Owned, verb: string): void {
  if (!mayManageKey(actor, key)) throw forbidden(`You may not ${verb} this key: it is not yours.`);
}

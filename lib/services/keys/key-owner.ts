import { and, eq } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Tx } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { forbidden, invalidField, ServiceError } from "#lib/http/errors";
import { holdOrganization, visibleUsers } from "#lib/services/users/user-access";

type Asked = { organization_id?: string | null | undefined; user_id?: string | null | undefined };

/**
 * Whose a new key is to be. A user alone implies their organization; where neither is said, a member's key
 * is their own and an organization's people's their organization's. Both are held on to.
 * @throws ServiceError "not_found" for an organization or user that is not there for this actor, "invalid"
 * for a pair that does not belong together or for neither, "forbidden" for a member and somebody else
 */
export async function resolveOwner(
  tx: Tx,
  actor: Actor,
  asked: Asked,
): Promise<{ organizationId: string; userId: string | null }> {
  const userId = asked.user_id ?? (actor.role === "member" ? actor.id : null);
  if (actor.role === "member" && userId !== actor.id) {
    throw forbidden("You may make keys for yourself only.");
  }
  const asksFor = asked.organization_id ?? null;
  if (userId === null) {
    const organizationId = asksFor ?? actor.organizationId;
    if (organizationId === null) {
      throw invalidField(
        "organization_id",
        "Say whose the key is: choose an organization or a user (organization_id or user_id).",
      );
    }
    await holdOrganization(tx, actor, organizationId, "member");
    return { organizationId, userId };
  }
  if (asksFor !== null) await holdOrganization(tx, actor, asksFor, "member");
  const organizationId = await organizationOf(tx, actor, userId);
  if (asksFor !== null && asksFor !== organizationId) {
    throw invalidField("user_id", "This user is not in that organization.");
  }
  return { organizationId, userId };
}

async function organizationOf(tx: Tx, actor: Actor, userId: string): Promise<string> {
  const [user] = await tx
    .select({ organizationId: users.organizationId })
    .from(users)
    .where(and(eq(users.id, userId), visibleUsers(actor)))
    .for("key share");
  if (user === undefined) {
    const message = "User not found.";
    throw new ServiceError("not_found", message, { user_id: message });
  }
  if (user.organizationId === null) throw invalidField("user_id", "This user belongs to no organization.");
  return user.organizationId;
}

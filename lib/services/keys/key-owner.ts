import { and, eq } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Tx } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { forbidden, invalidField, ServiceError } from "#lib/http/errors";
import { requireOrganization, visibleUsers } from "#lib/services/users/user-access";

type Asked = { organization_id?: string | null | undefined; user_id?: string | null | undefined };

/**
 * The owner of a new key, locked against deletion. A user implies their organization. By default a member owns
 * the key; for other roles, their organization does.
 * @throws ServiceError "not_found" for an owner that the actor may not see, "invalid" for a user of another
 * organization or for no owner, "forbidden" for a member and another user
 */
export async function resolveOwner(
  tx: Tx,
  actor: Actor,
  asked: Asked,
): Promise<{ organizationId: string; userId: string | null }> {
  const userId = asked.user_id ?? (actor.role === "member" ? actor.id : null);
  if (actor.role === "member" && userId !== actor.id) {
    throw forbidden("You may only create keys for yourself.");
  }
  const organizationAsked = asked.organization_id ?? null;
  if (userId === null) {
    const organizationId = organizationAsked ?? actor.organizationId;
    if (organizationId === null) {
      throw invalidField(
        "organization_id",
        "Choose an owner: an organization (organization_id) or a user (user_id).",
      );
    }
    await requireOrganization(tx, actor, organizationId, "member");
    return { organizationId, userId };
  }
  if (organizationAsked !== null) await requireOrganization(tx, actor, organizationAsked, "member");
  const organizationId = await organizationOf(tx, actor, userId);
  if (organizationAsked !== null && organizationAsked !== organizationId) {
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

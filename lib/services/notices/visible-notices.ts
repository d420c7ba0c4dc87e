import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { events } from "#lib/db/schema/events";

/**
 * The events that an actor is told of: an administrator of all, an `org_admin` and a `viewer` of their organization's, a
 * member of those about themselves and their keys. By the events' own columns, since their subjects may be deleted.
 */
export function visibleNotices(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  if (actor.organizationId === null) return sql`false`;
  const own = eq(events.organizationId, actor.organizationId);
  return actor.role === "member" ? and(own, eq(events.userId, actor.id)) : own;
}

import { type AnyColumn, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";

const NOTHING = sql`false`;

/**
 * What of a table an actor sees: administrators all of it, `org_admin` and `viewer` their organization,
 * `member` their own rows within it. Goes into the `where` of every query of a verb.
 */
export function visibleTo(
  actor: Actor,
  columns: { organizationId: AnyColumn; userId: AnyColumn },
): SQL | undefined {
  if (actor.role === "admin") return undefined;
  if (actor.organizationId === null) return NOTHING;
  const own = eq(columns.organizationId, actor.organizationId);
  return actor.role === "member" ? sql`${own} and ${eq(columns.userId, actor.id)}` : own;
}

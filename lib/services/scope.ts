import { type AnyColumn, eq, type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";

const NOTHING = sql`false`;

/**
 * The rows of a table that an actor sees: administrators all, `org_admin` and `viewer` their organization's,
 * `member` their own. Every query of a verb has this condition.
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

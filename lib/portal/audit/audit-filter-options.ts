import { asc, desc } from "drizzle-orm";
import { auditLog } from "#lib/db/schema/identity";
import { listAuditLog, visibleEntries } from "#lib/services/audit/list-audit-log";
import type { ServiceContext } from "#lib/services/context";
import { requireRole } from "#lib/services/role";

/** The choices in the audit log's filters, from its newest entries. */
export type AuditFilterOptions = {
  actions: string[];
  subjectTypes: string[];
  /** Each id with its newest name. */
  actors: { id: string; name: string }[];
};

/** Enough for every action and everyone active, and fast to read by index. */
const NEWEST = 2000;

/** @throws ServiceError "forbidden" for members and viewers */
export async function auditFilterOptions(ctx: ServiceContext): Promise<AuditFilterOptions> {
  requireRole(ctx.actor, listAuditLog.role);
  const newest = ctx.db
    .select({
      id: auditLog.id,
      actorId: auditLog.actorId,
      actorName: auditLog.actorName,
      action: auditLog.action,
      subjectType: auditLog.subjectType,
    })
    .from(auditLog)
    .where(visibleEntries(ctx.actor))
    .orderBy(desc(auditLog.id))
    .limit(NEWEST)
    .as("newest");
  const [kinds, actors] = await Promise.all([
    ctx.db
      .selectDistinct({ action: newest.action, subjectType: newest.subjectType })
      .from(newest)
      .orderBy(asc(newest.action)),
    ctx.db
      .selectDistinctOn([newest.actorId], { id: newest.actorId, name: newest.actorName })
      .from(newest)
      .orderBy(newest.actorId, desc(newest.id)),
  ]);
  return {
    actions: [...new Set(kinds.map(({ action }) => action))],
    subjectTypes: [...new Set(kinds.map(({ subjectType }) => subjectType))].sort(),
    actors: actors.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

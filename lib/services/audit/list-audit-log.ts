import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { auditLog } from "#lib/db/schema/identity";
import { equals, ownerFilters } from "#lib/services/owners";
import { pageOf, toPage } from "#lib/services/page";
import { onTimedPage, timedPageQuery } from "#lib/services/timed-page";
import { verb } from "#lib/services/verb";
import { AuditLogEntry, toAuditLogEntry } from "./audit-entry";

const word = z.string().min(1).max(200);

const ListAuditLogQuery = z.strictObject({
  organization_id: ownerFilters.organization_id,
  actor_id: word.optional(),
  action: word.optional(),
  subject_type: word.optional(),
  subject_id: word.optional(),
  ...timedPageQuery,
});

/** Who changed what, newest first: administrators see all changes, an `org_admin` their organization's. */
export const listAuditLog = verb({
  role: "org_admin",
  input: ListAuditLogQuery,
  output: pageOf(AuditLogEntry),
  run: async (ctx, filter) => {
    const rows = await ctx.db
      .select()
      .from(auditLog)
      .where(and(visibleEntries(ctx.actor), ...conditions(filter)))
      .orderBy(desc(auditLog.id))
      .limit(filter.limit + 1);
    return toPage(rows, filter.limit, toAuditLogEntry);
  },
});

/** The entries that an administrator sees: all, or their organization's. */
export function visibleEntries(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  return actor.organizationId === null ? sql`false` : eq(auditLog.organizationId, actor.organizationId);
}

const conditions = (filter: z.output<typeof ListAuditLogQuery>): (SQL | undefined)[] => [
  equals(auditLog.organizationId, filter.organization_id),
  equals(auditLog.actorId, filter.actor_id),
  equals(auditLog.action, filter.action),
  equals(auditLog.subjectType, filter.subject_type),
  equals(auditLog.subjectId, filter.subject_id),
  onTimedPage(auditLog, filter),
];

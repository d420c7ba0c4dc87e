import { type AnyColumn, and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { auditLog } from "#lib/db/schema/identity";
import { instantField } from "#lib/services/fields";
import { pageOf, pageQuery } from "#lib/services/page";
import { verb } from "#lib/services/verb";
import { AuditLogEntry, toAuditLogEntry } from "./audit-entry";

const word = z.string().min(1).max(200);

export const ListAuditLogQuery = z.strictObject({
  organization_id: z.uuid("`organization_id` must be a UUID.").optional(),
  actor_id: word.optional(),
  action: word.optional(),
  subject_type: word.optional(),
  subject_id: word.optional(),
  from: instantField.optional().describe("Inclusive."),
  to: instantField.optional().describe("Exclusive."),
  limit: pageQuery.limit,
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, "Invalid cursor: pass `next_cursor` of the previous page.")
    .optional(),
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
    const shown = rows.slice(0, filter.limit).map(toAuditLogEntry);
    return { data: shown, next_cursor: rows.length > filter.limit ? (shown.at(-1)?.id ?? null) : null };
  },
});

/** The entries that an administrator sees: all, or their organization's. */
export function visibleEntries(actor: Actor): SQL | undefined {
  if (actor.role === "admin") return undefined;
  return actor.organizationId === null ? sql`false` : eq(auditLog.organizationId, actor.organizationId);
}

function conditions(filter: z.output<typeof ListAuditLogQuery>): (SQL | undefined)[] {
  const equals = (column: AnyColumn, value: string | undefined) =>
    value === undefined ? undefined : eq(column, value);
  return [
    equals(auditLog.organizationId, filter.organization_id),
    equals(auditLog.actorId, filter.actor_id),
    equals(auditLog.action, filter.action),
    equals(auditLog.subjectType, filter.subject_type),
    equals(auditLog.subjectId, filter.subject_id),
    filter.from === undefined ? undefined : gte(auditLog.at, new Date(filter.from)),
    filter.to === undefined ? undefined : lt(auditLog.at, new Date(filter.to)),
    filter.cursor === undefined ? undefined : lt(auditLog.id, Number(filter.cursor)),
  ];
}

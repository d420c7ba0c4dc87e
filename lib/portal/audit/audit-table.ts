import { and, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { users } from "#lib/db/schema/identity";
import type { AuditLogEntry } from "#lib/services/audit/audit-entry";
import { type ListAuditLogQuery, listAuditLog } from "#lib/services/audit/list-audit-log";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";
import { visibleUsers } from "#lib/services/users/user-access";

/** An entry with what its subject is called: then, or, of users where it does not say, now. */
export type AuditTableRow = AuditLogEntry & { subject_name: string | null };

/**
 * The audit log, newest first: administrators see all of it, an organization's their own.
 * @throws ServiceError "invalid", "forbidden" for members and viewers
 */
export async function auditTable(
  ctx: ServiceContext,
  query: z.input<typeof ListAuditLogQuery>,
): Promise<Page<AuditTableRow>> {
  const { data, next_cursor } = await listAuditLog(ctx, query);
  const names = await userNames(
    ctx,
    data.filter((entry) => nameThen(entry) === null),
  );
  const rows = data.map((entry) => ({
    ...entry,
    subject_name: nameThen(entry) ?? names.get(entry.subject_id) ?? null,
  }));
  return { data: rows, next_cursor };
}

function nameThen({ before, after }: AuditLogEntry): string | null {
  for (const state of [after, before]) {
    for (const field of ["name", "email"]) {
      const value = state?.[field];
      if (typeof value === "string" && value !== "") return value;
    }
  }
  return null;
}

/** Of payments and resets the log says only what changed. */
async function userNames(
  { db, actor }: ServiceContext,
  entries: readonly AuditLogEntry[],
): Promise<Map<string, string>> {
  const ids = entries
    .filter(
      ({ subject_type, subject_id }) => subject_type === "user" && z.uuid().safeParse(subject_id).success,
    )
    .map((entry) => entry.subject_id);
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: users.id, name: sql<string>`coalesce(${users.name}, ${users.email})` })
    .from(users)
    .where(and(inArray(users.id, ids), visibleUsers(actor)));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

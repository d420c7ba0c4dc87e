import { and, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { users } from "#lib/db/schema/identity";
import type { AuditLogEntry } from "#lib/services/audit/audit-entry";
import { listAuditLog } from "#lib/services/audit/list-audit-log";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";
import { visibleUsers } from "#lib/services/users/user-access";
import type { InputOf } from "#lib/services/verb";

/** An entry with the name of its subject at that time. For users that it does not name, the current name. */
export type AuditTableRow = AuditLogEntry & { subject_name: string | null };

/**
 * Lists the audit log, newest first: an administrator sees all of it, an `org_admin` their organization's.
 * @throws ServiceError "invalid", "forbidden" for members and viewers
 */
export async function auditTable(
  ctx: ServiceContext,
  query: InputOf<typeof listAuditLog>,
): Promise<Page<AuditTableRow>> {
  const { data, next_cursor } = await listAuditLog(ctx, query);
  const names = await userNames(
    ctx,
    data.filter((entry) => recordedName(entry) === null),
  );
  const rows = data.map((entry) => ({
    ...entry,
    subject_name: recordedName(entry) ?? names.get(entry.subject_id) ?? null,
  }));
  return { data: rows, next_cursor };
}

function recordedName({ before, after }: AuditLogEntry): string | null {
  for (const state of [after, before]) {
    for (const field of ["name", "email"]) {
      const value = state?.[field];
      if (typeof value === "string" && value !== "") return value;
    }
  }
  return null;
}

/** Entries about payments and resets do not name the user. */
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

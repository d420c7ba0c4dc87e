import { z } from "zod";
import { userNames } from "#lib/portal/users/user-names";
import type { AuditLogEntry } from "#lib/services/audit/audit-entry";
import { listAuditLog } from "#lib/services/audit/list-audit-log";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";
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
  const names = await subjectNames(
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
const subjectNames = (ctx: ServiceContext, entries: readonly AuditLogEntry[]): Promise<Map<string, string>> =>
  userNames(
    ctx,
    entries
      .filter(
        ({ subject_type, subject_id }) => subject_type === "user" && z.uuid().safeParse(subject_id).success,
      )
      .map((entry) => entry.subject_id),
  );

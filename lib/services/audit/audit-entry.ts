import { z } from "zod";
import type { auditLog } from "#lib/db/schema/identity";
import { instantField } from "#lib/services/fields";

const Subject = z.record(z.string(), z.unknown()).nullable();

/** One change, as it was written when it was made. */
export const AuditLogEntry = z
  .object({
    id: z.string().describe("Entries are numbered in the order of their writing."),
    at: instantField,
    actor: z.object({
      id: z.string().describe("A user's or an admin token's id, `admin_api_key`, or `system`."),
      name: z.string().describe("The name it had then."),
    }),
    action: z.string().meta({ examples: ["api_key.revoke"] }),
    subject_type: z.string().meta({ examples: ["api_key"] }),
    subject_id: z.string(),
    organization_id: z.uuid().nullable(),
    before: Subject.describe("The subject before the change; null where it was made."),
    after: Subject.describe("The subject after the change; null where it was deleted."),
    ip: z.string().nullable().describe("The address that the request came from."),
  })
  .meta({ id: "AuditLogEntry" });
export type AuditLogEntry = z.output<typeof AuditLogEntry>;

export function toAuditLogEntry(row: typeof auditLog.$inferSelect): AuditLogEntry {
  return {
    id: String(row.id),
    at: row.at.toISOString(),
    actor: { id: row.actorId, name: row.actorName },
    action: row.action,
    subject_type: row.subjectType,
    subject_id: row.subjectId,
    organization_id: row.organizationId,
    before: Subject.parse(row.before),
    after: Subject.parse(row.after),
    ip: row.ip,
  };
}

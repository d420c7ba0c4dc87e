import { z } from "zod";
import type { auditLog } from "#lib/db/schema/identity";
import { instantField } from "#lib/services/fields";

const Subject = z.record(z.string(), z.unknown()).nullable();

/** One change, as recorded at the time. */
export const AuditLogEntry = z
  .object({
    id: z.string().describe("Ascending in the order of recording."),
    at: instantField,
    actor: z.object({
      id: z.string().describe("The id of a user or admin token, `admin_api_key` or `system`."),
      name: z.string().describe("The name at that time."),
    }),
    action: z.string().meta({ examples: ["api_key.revoke"] }),
    subject_type: z.string().meta({ examples: ["api_key"] }),
    subject_id: z.string(),
    organization_id: z.uuid().nullable(),
    before: Subject.describe("The subject before the change; null if the change created it."),
    after: Subject.describe("The subject after the change; null if the change deleted it."),
    ip: z.string().nullable().describe("The client's address."),
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

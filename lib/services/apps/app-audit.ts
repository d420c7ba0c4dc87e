import type { apps } from "#lib/db/schema/identity";
import { toApp } from "./app";

/** What the audit log says about an app that is changed or deleted. */
export const auditedApp = (row: typeof apps.$inferSelect) => ({
  subjectType: "app" as const,
  subjectId: row.id,
  organizationId: row.organizationId,
  before: toApp(row),
});

import { listAuditLog } from "#lib/services/audit/list-audit-log";
import { type Operation, operation } from "./operation";

const tag = "Audit log";

export const auditLogOperations: readonly Operation[] = [
  operation("GET /audit-log", listAuditLog, {
    tag,
    summary: "List changes",
    description: "Who changed what, from where, before and after, newest first. Entries cannot be changed.",
  }),
];

import { AuditLogEntry } from "#lib/services/audit/audit-entry";
import { ListAuditLogQuery, listAuditLog } from "#lib/services/audit/list-audit-log";
import { pageOf } from "#lib/services/page";
import { type Operation, operation } from "./operation";

export const auditLogOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/audit-log",
    summary: "List what was changed",
    description: "Who changed what, before and after, and from where, newest first. Nothing can change it.",
    tag: "Audit log",
    status: 200,
    input: ListAuditLogQuery,
    output: pageOf(AuditLogEntry),
    run: listAuditLog,
  }),
];

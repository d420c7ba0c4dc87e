import { listNotices } from "#lib/services/notices/list-notices";
import { readNotice } from "#lib/services/notices/read-notice";
import { type Operation, operation } from "./operation";

const tag = "Events";

export const noticeOperations: readonly Operation[] = [
  operation("GET /notices", listNotices, {
    tag,
    summary: "List notices",
    description:
      "What has happened, newest first: budgets that reached a threshold, payments and keys that expire. One notice per scope, threshold and period. Members see those about themselves. Kept for `LOG_RETENTION_DAYS`.",
  }),
  operation("POST /notices/{id}/read", readNotice, {
    tag,
    summary: "Mark a notice as read",
    description: "For the caller alone.",
  }),
];

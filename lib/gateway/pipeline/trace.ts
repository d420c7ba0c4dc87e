import type { CallerInfo } from "#lib/gateway/rejections/caller-info";

/** What the log has of a request without a ledger row, filled in as it becomes known. */
export type Trace = { callerInfo: CallerInfo };

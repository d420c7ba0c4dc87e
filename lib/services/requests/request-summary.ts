import "server-only";
import { sql } from "drizzle-orm";
import { ledger } from "#lib/db/schema/credit";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { usdText } from "#lib/services/usd-text";

export type RequestStatus = (typeof ledger.status.enumValues)[number];

/** Something a ledger row names, which may have been deleted since. */
export type Named = { id: string; name: string | null };

/** One row of the ledger as a list shows it. */
export type RequestSummary = {
  id: string;
  createdAt: string;
  status: RequestStatus;
  model: string;
  provider: string | null;
  stream: boolean;
  httpStatus: number | null;
  errorCode: string | null;
  organization: Named;
  user: Named | null;
  key: (Named & { prefix: string | null }) | null;
  inputTokens: number;
  outputTokens: number;
  /** US dollars, exact. What it cost; while it is held, zero. */
  costUsd: string;
  holdUsd: string;
  latencyMs: number | null;
  ttftMs: number | null;
};

/** The columns behind a summary; the query joins organizations, users and apiKeys from the left. */
export const summaryColumns = {
  id: ledger.id,
  createdAt: ledger.createdAt,
  status: ledger.status,
  model: ledger.model,
  provider: ledger.provider,
  stream: ledger.stream,
  httpStatus: ledger.httpStatus,
  errorCode: ledger.errorCode,
  organizationId: ledger.organizationId,
  organizationName: organizations.name,
  userId: ledger.userId,
  userName: sql<string | null>`coalesce(${users.name}, ${users.email})`,
  apiKeyId: ledger.apiKeyId,
  keyName: apiKeys.name,
  keyPrefix: apiKeys.keyPrefix,
  inputTokens: ledger.inputTokens,
  outputTokens: ledger.outputTokens,
  costUsd: ledger.costUsd,
  holdUsd: ledger.holdUsd,
  latencyMs: ledger.latencyMs,
  ttftMs: ledger.ttftMs,
};

export type SummaryRow = {
  [Column in keyof typeof summaryColumns]: Column extends keyof typeof ledger.$inferSelect
    ? (typeof ledger.$inferSelect)[Column]
    : string | null;
};

export function toSummary(row: SummaryRow): RequestSummary {
  return {
    id: row.id,
    createdAt: row.createdAt.toISOString(),
    status: row.status,
    model: row.model,
    provider: row.provider,
    stream: row.stream,
    httpStatus: row.httpStatus,
    errorCode: row.errorCode,
    organization: { id: row.organizationId, name: row.organizationName },
    user: row.userId === null ? null : { id: row.userId, name: row.userName },
    key: row.apiKeyId === null ? null : { id: row.apiKeyId, name: row.keyName, prefix: row.keyPrefix },
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    costUsd: usdText(row.costUsd),
    holdUsd: usdText(row.holdUsd),
    latencyMs: row.latencyMs,
    ttftMs: row.ttftMs,
  };
}

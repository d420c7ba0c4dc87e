import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";
import type { Metadata } from "#lib/db/schema/columns";
import {
  ATTEMPT_OUTCOMES,
  type LedgerAttempt,
  ledger,
  ledgerStatus,
  metadataSets,
  usageSource,
} from "#lib/db/schema/credit";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { instantField, signedUsdField, usdField } from "#lib/services/fields";
import { shownMetadata } from "#lib/services/metadata";
import { joinsOwner, ownerNameField, ownerNames, userAndKeyFields } from "#lib/services/owners";
import { usdText } from "#lib/services/usd-text";

export type RequestStatus = (typeof ledgerStatus.enumValues)[number];

const Attempt = z
  .object({
    provider: z.string(),
    upstream_model: z.string(),
    started_ms: z.int().describe("From the request's arrival."),
    latency_ms: z.int(),
    http_status: z.int().nullable().describe("The provider's; null if it sent none."),
    outcome: z
      .enum(ATTEMPT_OUTCOMES)
      .describe("`hedged`: it was stopped, since another target had content first (`hedge_after_ms`)."),
    reason: z.string().nullable().describe("Why it failed, or was skipped or stopped."),
    cost_usd: usdField,
  })
  .meta({ id: "RequestAttempt" });

/** A row of the ledger as the contract shows it, with the names of its owners. */
export const LedgerRequest = z
  .object({
    id: z.uuid(),
    created_at: instantField,
    settled_at: instantField.nullable(),
    status: z.enum(ledgerStatus.enumValues),
    organization_id: z.uuid(),
    organization_name: ownerNameField,
    ...userAndKeyFields,
    api_key_prefix: ownerNameField,
    app_id: z.uuid().nullable(),
    app_name: ownerNameField,
    endpoint: z.string(),
    model: z.string(),
    provider: z.string().nullable(),
    upstream_model: z.string().nullable(),
    input_tokens: z.int().describe("Cached and cache-written tokens included."),
    output_tokens: z.int().describe("Reasoning tokens included."),
    cached_tokens: z.int(),
    cache_write_tokens: z.int(),
    reasoning_tokens: z.int(),
    meters: z
      .record(z.string(), z.int())
      .describe("Other counts of the provider's, such as `cache_write_1h_tokens`; {} for none."),
    hold_usd: usdField,
    cost_usd: signedUsdField.describe(
      "Zero while the request is held. Negative for a refund, which is an adjustment.",
    ),
    overrun_usd: usdField.describe("How much the cost exceeded the hold."),
    provider_cost_usd: usdField
      .nullable()
      .describe(
        "What the provider says that the answer has cost (OpenRouter, xAI and others); null if it does not.",
      ),
    usage_source: z.enum(usageSource.enumValues).nullable(),
    price_version_id: z.uuid().nullable(),
    http_status: z.int().nullable(),
    error_code: z.string().nullable(),
    latency_ms: z.int().nullable(),
    ttft_ms: z
      .int()
      .nullable()
      .describe(
        "Time to the first content of a stream: a text, a call, an image or sound. Null for a whole answer.",
      ),
    stream: z.boolean(),
    tags: z.array(z.string()),
    metadata: shownMetadata.describe(
      "The caller's at that time: of its key or app, its user and its organization.",
    ),
    client_request_id: z.string().nullable(),
    session_id: z
      .string()
      .nullable()
      .describe("From `x-tollgate-session-id`, or what Claude Code and Codex send."),
    dropped: z
      .array(z.string())
      .describe("What the client offered and the request left out, as in `x-tollgate-dropped`."),
    attempts: z
      .array(Attempt)
      .describe(
        "The targets that were tried, in order, and those that were skipped. Empty while it is held.",
      ),
    reason: z.string().nullable().describe("Why an adjustment was created."),
    adjusted_by: z.string().nullable().describe("Who created an adjustment."),
    fail_open: z
      .boolean()
      .describe("Admitted while the database was unavailable, within the organization's allowance."),
  })
  .meta({ id: "LedgerRequest" });
export type LedgerRequest = z.output<typeof LedgerRequest>;

const columns = {
  row: {
    id: ledger.id,
    createdAt: ledger.createdAt,
    settledAt: ledger.settledAt,
    status: ledger.status,
    organizationId: ledger.organizationId,
    userId: ledger.userId,
    apiKeyId: ledger.apiKeyId,
    appId: ledger.appId,
    endpoint: ledger.endpoint,
    model: ledger.model,
    provider: ledger.provider,
    upstreamModel: ledger.upstreamModel,
    inputTokens: ledger.inputTokens,
    outputTokens: ledger.outputTokens,
    cachedTokens: ledger.cachedTokens,
    cacheWriteTokens: ledger.cacheWriteTokens,
    reasoningTokens: ledger.reasoningTokens,
    meters: ledger.meters,
    holdUsd: ledger.holdUsd,
    costUsd: ledger.costUsd,
    overrunUsd: ledger.overrunUsd,
    providerCostUsd: ledger.providerCostUsd,
    usageSource: ledger.usageSource,
    priceVersionId: ledger.priceVersionId,
    httpStatus: ledger.httpStatus,
    errorCode: ledger.errorCode,
    latencyMs: ledger.latencyMs,
    ttftMs: ledger.ttftMs,
    stream: ledger.stream,
    tags: ledger.tags,
    clientRequestId: ledger.clientRequestId,
    sessionId: ledger.sessionId,
    dropped: ledger.dropped,
    dispatchedMs: ledger.dispatchedMs,
    attempts: ledger.attempts,
    reason: ledger.reason,
    adjustedBy: ledger.adjustedBy,
    failOpen: ledger.failOpen,
    metadataId: ledger.metadataId,
  },
  ...ownerNames(ledger),
};

const owner = joinsOwner(ledger);

/** The ledger joined with the owners of its rows; `where` may use the ledger's columns. */
export const selectRequests = (db: Db | Tx) =>
  db
    .select(columns)
    .from(ledger)
    .leftJoin(organizations, owner.organization)
    .leftJoin(users, owner.user)
    .leftJoin(apiKeys, owner.apiKey)
    .leftJoin(apps, owner.app);

type SelectedRow = Awaited<ReturnType<typeof selectRequests>>[number];

/** Rows in the shape of the API. Reads each set of metadata once, which many rows have. */
export async function toLedgerRequests(db: Db | Tx, rows: readonly SelectedRow[]): Promise<LedgerRequest[]> {
  const ids = [...new Set(rows.flatMap(({ row }) => row.metadataId ?? []))];
  const sets =
    ids.length === 0
      ? []
      : await db
          .select()
          .from(metadataSets)
          .where(sql`${metadataSets.id} = any(${`{${ids.join(",")}}`}::uuid[])`);
  const pairsOf = new Map(sets.map(({ id, pairs }) => [id, pairs]));
  return rows.map((row) => toLedgerRequest(row, pairsOf.get(row.row.metadataId ?? "") ?? {}));
}

function toLedgerRequest({ row, ...names }: SelectedRow, metadata: Metadata): LedgerRequest {
  return {
    id: row.id,
    created_at: row.createdAt.toISOString(),
    settled_at: row.settledAt?.toISOString() ?? null,
    status: row.status,
    organization_id: row.organizationId,
    organization_name: names.organizationName,
    user_id: row.userId,
    user_name: names.userName,
    api_key_id: row.apiKeyId,
    api_key_name: names.apiKeyName,
    api_key_prefix: names.apiKeyPrefix,
    app_id: row.appId,
    app_name: names.appName,
    endpoint: row.endpoint,
    model: row.model,
    provider: row.provider,
    upstream_model: row.upstreamModel,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    cached_tokens: row.cachedTokens,
    cache_write_tokens: row.cacheWriteTokens,
    reasoning_tokens: row.reasoningTokens,
    meters: row.meters,
    hold_usd: usdText(row.holdUsd),
    cost_usd: usdText(row.costUsd),
    overrun_usd: usdText(row.overrunUsd),
    provider_cost_usd: row.providerCostUsd === null ? null : usdText(row.providerCostUsd),
    usage_source: row.usageSource,
    price_version_id: row.priceVersionId,
    http_status: row.httpStatus,
    error_code: row.errorCode,
    latency_ms: row.latencyMs,
    ttft_ms: row.ttftMs,
    stream: row.stream,
    tags: row.tags,
    metadata,
    client_request_id: row.clientRequestId,
    session_id: row.sessionId,
    dropped: row.dropped,
    attempts: attemptsOf(row),
    reason: row.reason,
    adjusted_by: row.adjustedBy,
    fail_open: row.failOpen,
  };
}

/** A request that was sent once and answered has them in its own columns. */
function attemptsOf({ attempts, dispatchedMs, ...row }: SelectedRow["row"]): LedgerAttempt[] {
  if (attempts !== null) return [...attempts];
  const { provider, upstreamModel, latencyMs } = row;
  if (dispatchedMs === null || latencyMs === null || provider === null || upstreamModel === null) return [];
  return [
    {
      provider,
      upstream_model: upstreamModel,
      started_ms: dispatchedMs,
      latency_ms: Math.max(0, latencyMs - dispatchedMs),
      http_status: row.httpStatus,
      outcome: "served",
      reason: null,
      cost_usd: usdText(row.costUsd),
    },
  ];
}

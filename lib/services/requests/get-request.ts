import "server-only";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { parseRates } from "#lib/credit/price";
import { ledger } from "#lib/db/schema/credit";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { priceVersions } from "#lib/db/schema/routing";
import { notFound } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import { visibleTo } from "#lib/services/scope";
import { usdText } from "#lib/services/usd-text";
import { type CostBreakdown, costBreakdown } from "./cost-lines";
import { type RequestSummary, summaryColumns, toSummary } from "./request-summary";

/** All that the ledger knows of one request. */
export type RequestDetail = RequestSummary & {
  settledAt: string | null;
  endpoint: string;
  upstreamModel: string | null;
  appId: string | null;
  clientRequestId: string | null;
  tags: string[];
  cachedTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  overrunUsd: string;
  /** What of the hold went back; zero while it is held. */
  returnedUsd: string;
  usageSource: "provider" | "estimated" | null;
  priceVersion: { id: string; source: "catalogue" | "imported" | "manual"; origin: string } | null;
  /** Null where no price version is known. */
  breakdown: CostBreakdown | null;
};

/**
 * One row of the ledger.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function getRequest(ctx: ServiceContext, id: string): Promise<RequestDetail> {
  if (!z.uuid().safeParse(id).success) throw notFound("request");
  const [row] = await ctx.db
    .select({
      ...summaryColumns,
      settledAt: ledger.settledAt,
      endpoint: ledger.endpoint,
      upstreamModel: ledger.upstreamModel,
      appId: ledger.appId,
      clientRequestId: ledger.clientRequestId,
      tags: ledger.tags,
      cachedTokens: ledger.cachedTokens,
      cacheWriteTokens: ledger.cacheWriteTokens,
      reasoningTokens: ledger.reasoningTokens,
      overrunUsd: ledger.overrunUsd,
      usageSource: ledger.usageSource,
      price: { id: priceVersions.id, source: priceVersions.source, origin: priceVersions.origin },
      rates: priceVersions.rates,
    })
    .from(ledger)
    .leftJoin(organizations, eq(organizations.id, ledger.organizationId))
    .leftJoin(users, eq(users.id, ledger.userId))
    .leftJoin(apiKeys, eq(apiKeys.id, ledger.apiKeyId))
    .leftJoin(priceVersions, eq(priceVersions.id, ledger.priceVersionId))
    .where(and(eq(ledger.id, id), visibleTo(ctx.actor, ledger)));
  if (row === undefined) throw notFound("request");
  const summary = toSummary(row);
  return {
    ...summary,
    settledAt: row.settledAt?.toISOString() ?? null,
    endpoint: row.endpoint,
    upstreamModel: row.upstreamModel,
    appId: row.appId,
    clientRequestId: row.clientRequestId,
    tags: row.tags,
    cachedTokens: row.cachedTokens,
    cacheWriteTokens: row.cacheWriteTokens,
    reasoningTokens: row.reasoningTokens,
    overrunUsd: usdText(row.overrunUsd),
    returnedUsd: returned(row),
    usageSource: row.usageSource,
    priceVersion: row.price,
    breakdown: row.rates === null ? null : costBreakdown(row, summary.costUsd, parseRates(row.rates)),
  };
}

function returned(row: { status: string; holdUsd: string; costUsd: string }): string {
  if (row.status === "held") return "0";
  const rest = parseUsd(row.holdUsd) - parseUsd(row.costUsd);
  return formatUsd(rest > 0n ? rest : 0n);
}

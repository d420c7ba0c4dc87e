import { eq } from "drizzle-orm";
import { formatUsd, parseUsd } from "#lib/credit/money";
import { countsOf, NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { parseRates, type Rates } from "#lib/credit/prices/price";
import { priceVersions } from "#lib/db/schema/routing";
import type { ServiceContext } from "#lib/services/context";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import { type CostBreakdown, costBreakdown, usageOfSweep } from "./cost-lines";

/** How the cost of a request was calculated. */
export type RequestBill = {
  /** The US dollars of the hold that were returned. Zero while the request is held, and for an adjustment. */
  returnedUsd: string;
  /** What the provider's own cost is above ours, or below it; null if the provider does not state it. */
  providerDifferenceUsd: string | null;
  priceVersion: { id: string; source: "catalogue" | "imported" | "manual"; origin: string } | null;
  /** Null without a price version. */
  breakdown: CostBreakdown | null;
};

/** Calculates the bill. The caller has checked that the actor may see the request; prices are not secret. */
export async function requestBill(
  ctx: Pick<ServiceContext, "db">,
  request: LedgerRequest,
): Promise<RequestBill> {
  const version = request.price_version_id === null ? null : await readVersion(ctx, request.price_version_id);
  const usage = {
    ...NO_USAGE,
    inputTokens: request.input_tokens,
    cachedTokens: request.cached_tokens,
    cacheWriteTokens: request.cache_write_tokens,
    outputTokens: request.output_tokens,
    reasoningTokens: request.reasoning_tokens,
    ...countsOf(request.meters),
  };
  return {
    returnedUsd: returned(request),
    providerDifferenceUsd: providerDifference(request),
    priceVersion: version && { id: version.id, source: version.source, origin: version.origin },
    breakdown: version && breakdownOf(request, usage, parseRates(version.rates)),
  };
}

function breakdownOf(
  { status, cost_usd: costUsd }: LedgerRequest,
  usage: Usage,
  rates: Rates,
): CostBreakdown {
  const billed = status === "swept" ? usageOfSweep(usage, costUsd, rates) : usage;
  return costBreakdown(billed, costUsd, rates);
}

async function readVersion({ db }: Pick<ServiceContext, "db">, id: string) {
  const [version] = await db.select().from(priceVersions).where(eq(priceVersions.id, id));
  return version ?? null;
}

function returned(request: LedgerRequest): string {
  if (request.status === "held" || request.status === "adjustment") return "0";
  const rest = parseUsd(request.hold_usd) - parseUsd(request.cost_usd);
  return formatUsd(rest > 0n ? rest : 0n);
}

function providerDifference({ provider_cost_usd: stated, cost_usd: ours }: LedgerRequest): string | null {
  return stated === null ? null : formatUsd(parseUsd(stated) - parseUsd(ours));
}

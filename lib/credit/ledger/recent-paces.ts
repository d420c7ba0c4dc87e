import type { Sql } from "#lib/db/client";

/** How fast an answer was generated. */
export type RecentPace = { outputTokens: number; latencyMs: number };

/** The newest rows that are looked through, and the most that are returned. */
const NEWEST_ROWS = 20_000;
const MOST_PACES = 512;

/** Reads how fast a provider's model has answered lately, by the answers whose tokens the provider counted. */
export async function readRecentPaces(
  sql: Sql,
  providerName: string,
  upstreamModel: string,
): Promise<readonly RecentPace[]> {
  return sql<RecentPace[]>`
    SELECT output_tokens::float8 AS "outputTokens", latency_ms AS "latencyMs"
    FROM (SELECT * FROM ledger ORDER BY id DESC LIMIT ${NEWEST_ROWS}) AS newest
    WHERE provider = ${providerName} AND upstream_model = ${upstreamModel} AND status = 'settled'
      AND usage_source = 'provider' AND http_status = 200 AND output_tokens > 0 AND latency_ms IS NOT NULL
    LIMIT ${MOST_PACES}`;
}

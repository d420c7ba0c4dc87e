import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";

/** Only the newest rows of the ledger are read, whatever its size. */
const NEWEST_ROWS = 500;
const FAILURES_IN_A_ROW = 3;

const Row = z.object({ name: z.string(), healthy: z.boolean() });

/**
 * Returns whether each enabled provider is healthy, by name. It is unhealthy when its last three responses within
 * ten minutes were provider errors (`upstream_error`, `upstream_timeout`), or while one of its targets is down.
 */
export async function providerHealth(db: Db | Tx): Promise<Record<string, boolean>> {
  const rows = await db.execute(sql`
    WITH newest AS MATERIALIZED (
      SELECT id, provider, status, error_code, created_at FROM ledger ORDER BY id DESC LIMIT ${NEWEST_ROWS}
    ),
    answered AS (
      SELECT provider,
             coalesce(error_code IN ('upstream_error', 'upstream_timeout'), false) AS failed,
             row_number() OVER (PARTITION BY provider ORDER BY id DESC) AS place
      FROM newest
      WHERE provider IS NOT NULL AND status <> 'held'
        AND created_at > now() - interval '10 minutes'
    )
    SELECT p.name, count(a.*) FILTER (WHERE a.failed) < ${FAILURES_IN_A_ROW} AND NOT EXISTS (
      SELECT FROM target_states s WHERE s.provider_id = p.id AND s.closed_at IS NULL
    ) AS healthy
    FROM providers p
    LEFT JOIN answered a ON a.provider = p.name AND a.place <= ${FAILURES_IN_A_ROW}
    WHERE p.enabled
    GROUP BY p.id, p.name
    ORDER BY p.name`);
  return Object.fromEntries(
    z
      .array(Row)
      .parse([...rows])
      .map(({ name, healthy }) => [name, healthy]),
  );
}

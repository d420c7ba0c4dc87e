import { sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import type { DemoRow } from "./usage";

/**
 * Inserts ended requests in bulk: the counters of every scope and month, the ledger rows, what was spent, and the usage
 * that is pending for the rollups. The same arithmetic as tollgate_hold_v1 and tollgate_settle_v1, for thousands of rows
 * in the past.
 */
export async function insertEndedRequests(tx: Tx, rows: readonly DemoRow[]): Promise<void> {
  const json = JSON.stringify(rows);
  await tx.execute(sql`
    INSERT INTO counters (scope_type, scope_id, period, period_start)
    SELECT DISTINCT s.type::scope_type, s.id, 'month'::period, tollgate_period_start('month', i.created_at)
    FROM jsonb_to_recordset(${json}::text::jsonb) AS i (
      created_at timestamptz, organization_id uuid, user_id uuid, api_key_id uuid, app_id uuid
    ), LATERAL (VALUES
      ('organization', i.organization_id), ('user', i.user_id), ('api_key', i.api_key_id), ('app', i.app_id)
    ) AS s (type, id)
    WHERE s.id IS NOT NULL
    ON CONFLICT DO NOTHING`);
  await tx.execute(sql`
    WITH inserted AS (
      INSERT INTO ledger (
        id, created_at, settled_at, status, organization_id, user_id, api_key_id, app_id, tags, endpoint, model,
        provider, upstream_model, price_version_id, stream, input_tokens, output_tokens, cached_tokens, hold_usd,
        cost_usd, usage_source, http_status, error_code, latency_ms, ttft_ms, counter_ids
      )
      SELECT i.*, array(
        SELECT c.id FROM counters c
        WHERE c.scope_id IN (i.organization_id, i.user_id, i.api_key_id, i.app_id)
          AND c.period = 'month' AND c.period_start = tollgate_period_start('month', i.created_at)
        ORDER BY c.id
      )
      FROM jsonb_to_recordset(${json}::text::jsonb) AS i (
        id uuid, created_at timestamptz, settled_at timestamptz, status ledger_status, organization_id uuid,
        user_id uuid, api_key_id uuid, app_id uuid, tags text[], endpoint text, model text, provider text,
        upstream_model text, price_version_id uuid, stream boolean, input_tokens bigint, output_tokens bigint,
        cached_tokens bigint, hold_usd numeric, cost_usd numeric, usage_source usage_source, http_status integer,
        error_code text, latency_ms integer, ttft_ms integer
      )
      ORDER BY i.id
      RETURNING *
    ), counted AS (
      UPDATE counters c SET spent_usd = c.spent_usd + s.spent
      FROM (SELECT unnest(n.counter_ids) AS id, sum(n.cost_usd) AS spent FROM inserted n GROUP BY 1) s
      WHERE c.id = s.id
    )
    INSERT INTO usage_pending (
      at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
      input_tokens, output_tokens, cached_tokens, cost_usd, latency_ms, ttft_ms
    )
    SELECT date_bin('15 minutes', n.created_at, 'epoch'), n.organization_id, n.user_id, n.api_key_id, n.app_id, n.model,
      n.provider, n.upstream_model, n.endpoint, n.tags, 1, CASE WHEN n.http_status >= 400 THEN 1 ELSE 0 END,
      n.input_tokens, n.output_tokens, n.cached_tokens, n.cost_usd, n.latency_ms, n.ttft_ms
    FROM inserted n`);
}

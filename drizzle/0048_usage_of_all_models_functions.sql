-- Roll-ups of replicas that run meanwhile wait, settlements do not.
SELECT pg_advisory_xact_lock(742117901145);
--> statement-breakpoint
-- A group of all models together, of each organization and of the installation.
INSERT INTO "usage_groups" (hash, cut, organization_id, model)
SELECT DISTINCT tollgate_usage_hash(cut, organization_id, NULL, NULL, NULL, '', NULL, NULL, NULL, '{}'), cut, organization_id, ''
FROM "usage_groups" WHERE cut IN ('organization', 'installation');
--> statement-breakpoint
INSERT INTO "usage_quarters" (
  group_id, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
)
SELECT a.id, u.at, u.cut, sum(u.requests), sum(u.errors), sum(u.input_tokens), sum(u.output_tokens), sum(u.cached_tokens),
  sum(u.cost_usd), sum(u.latency), sum(u.ttft)
FROM "usage_groups" g
JOIN "usage_groups" a ON a.hash = tollgate_usage_hash(g.cut, g.organization_id, NULL, NULL, NULL, '', NULL, NULL, NULL, '{}')
JOIN "usage_quarters" u ON u.group_id = g.id
WHERE g.cut IN ('organization', 'installation') AND g.model <> '' GROUP BY 1, 2, 3;
--> statement-breakpoint
INSERT INTO "usage_days" (
  group_id, day, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
)
SELECT a.id, u.day, u.cut, sum(u.requests), sum(u.errors), sum(u.input_tokens), sum(u.output_tokens), sum(u.cached_tokens),
  sum(u.cost_usd), sum(u.latency), sum(u.ttft)
FROM "usage_groups" g
JOIN "usage_groups" a ON a.hash = tollgate_usage_hash(g.cut, g.organization_id, NULL, NULL, NULL, '', NULL, NULL, NULL, '{}')
JOIN "usage_days" u ON u.group_id = g.id
WHERE g.cut IN ('organization', 'installation') AND g.model <> '' GROUP BY 1, 2, 3;
--> statement-breakpoint
-- Adds usage to the rollups: quarter hours and days of callers, organizations and the installation, days of owners,
-- longer spans of callers and owners, and totals. Organizations and the installation have groups of each model, and one of
-- all models together, whose model is "".
--
-- Arguments:
--   p_usage   rows as in usage_pending; `at` is the start of a quarter hour
-- Returns: nothing.
-- Locks: rollup rows that nothing else writes: the caller has the advisory lock of tollgate_roll_up_v1.
-- Called by: tollgate_roll_up_v1, tollgate_backfill_usage_v1.
CREATE OR REPLACE FUNCTION tollgate_add_usage_v1(p_usage usage_pending[]) RETURNS void
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off AS $$
BEGIN
  WITH summed AS (
    SELECT
      CASE WHEN grouping(p.organization_id) = 1 THEN 'installation' WHEN grouping(p.tags) = 1 THEN 'organization'
        WHEN grouping(p.model) = 1 THEN 'owner' ELSE 'caller' END::usage_cut AS cut,
      p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, coalesce(p.model, '') AS model, p.provider, p.upstream_model, p.endpoint,
      coalesce(p.tags, '{}') AS tags, sum(p.requests) AS requests, sum(p.errors) AS errors,
      sum(p.input_tokens) AS input_tokens, sum(p.output_tokens) AS output_tokens, sum(p.cached_tokens) AS cached_tokens,
      sum(p.cost_usd) AS cost_usd, sum(tollgate_latency_digit(p.latency_ms)) AS latency,
      sum(tollgate_latency_digit(p.ttft_ms)) AS ttft
    FROM unnest(p_usage) AS p
    GROUP BY GROUPING SETS (
      (p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, p.model, p.provider, p.upstream_model, p.endpoint, p.tags),
      (p.at, p.organization_id, p.user_id, p.api_key_id, p.app_id, p.tags),
      (p.at, p.organization_id, p.model, p.provider, p.upstream_model, p.endpoint),
      (p.at, p.organization_id),
      (p.at, p.model, p.provider, p.upstream_model, p.endpoint),
      (p.at))
  ), hashed AS MATERIALIZED (
    SELECT *, tollgate_usage_hash(
      cut, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags) AS hash
    FROM summed
  ), known AS MATERIALIZED (
    SELECT h.*, (SELECT g.id FROM usage_groups g WHERE g.hash = h.hash) AS known_id FROM hashed h
  ), grouped AS MATERIALIZED (
    -- Without a join, for which the planner has no idea of how many rows there are.
    SELECT n.*, coalesce(n.known_id, min(n.new_id) OVER (PARTITION BY n.hash)) AS group_id
    FROM (
      SELECT k.*, CASE WHEN k.known_id IS NULL THEN nextval('usage_groups_id_seq') END AS new_id FROM known k
    ) n
  ), added AS (
    INSERT INTO usage_groups (
      id, hash, cut, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags
    ) OVERRIDING SYSTEM VALUE
    SELECT DISTINCT ON (group_id) group_id, hash, cut, organization_id, user_id, api_key_id, app_id, model, provider,
      upstream_model, endpoint, tags
    FROM grouped WHERE known_id IS NULL
  ), quarters AS (
    INSERT INTO usage_quarters AS u (
      group_id, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    FROM grouped WHERE cut <> 'owner'
    ON CONFLICT (group_id, at) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  ), days AS (
    INSERT INTO usage_days AS u (
      group_id, day, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, (at AT TIME ZONE 'UTC')::date, cut, sum(requests), sum(errors), sum(input_tokens), sum(output_tokens),
      sum(cached_tokens), sum(cost_usd), sum(latency), sum(ttft)
    FROM grouped GROUP BY 1, 2, 3
    ON CONFLICT (group_id, day) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  ), spans AS (
    INSERT INTO usage_spans AS u (
      group_id, hours, at, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    )
    SELECT group_id, s.hours, date_bin(s.hours * interval '1 hour', at, 'epoch'), cut, sum(requests), sum(errors),
      sum(input_tokens), sum(output_tokens), sum(cached_tokens), sum(cost_usd), sum(latency), sum(ttft)
    FROM grouped CROSS JOIN (VALUES (6), (192), (768)) AS s (hours)
    WHERE cut = 'owner' OR (cut = 'caller' AND s.hours > 24)
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (group_id, hours, at) DO UPDATE SET
      requests = u.requests + excluded.requests, errors = u.errors + excluded.errors,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      cached_tokens = u.cached_tokens + excluded.cached_tokens, cost_usd = u.cost_usd + excluded.cost_usd,
      latency = u.latency + excluded.latency, ttft = u.ttft + excluded.ttft
  )
  INSERT INTO usage_totals AS u (organization_id, user_id, provider, requests, cost_usd)
  SELECT organization_id, user_id, provider, sum(requests), sum(cost_usd) FROM hashed WHERE cut = 'caller' GROUP BY 1, 2, 3
  ON CONFLICT ON CONSTRAINT usage_totals_group DO UPDATE SET
    requests = u.requests + excluded.requests, cost_usd = u.cost_usd + excluded.cost_usd;
END $$;
--> statement-breakpoint
-- What the requests of a scope in one organization have cost, by their `created_at`. Exact in the snapshot of the
-- statement that calls it: rollups, pending usage, and the ledger where tollgate_backfill_usage_v1 has not come to.
--
-- Arguments: p_from and p_to (exclusive) are starts of hours. Days that lie within them are read from the daily rollup.
-- Called by: tollgate_rebucket_v1. Unversioned: an old replica's function calls whichever is there.
CREATE OR REPLACE FUNCTION tollgate_usage_cost(
  p_scope_type scope_type, p_scope_id uuid, p_organization uuid, p_from timestamptz, p_to timestamptz
) RETURNS numeric
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_is_scope constant text := format('%I = $1 AND organization_id = $2', CASE p_scope_type
    WHEN 'organization' THEN 'organization_id' WHEN 'user' THEN 'user_id' WHEN 'api_key' THEN 'api_key_id' ELSE 'app_id' END);
  v_first constant timestamptz := date_trunc('day', p_from + interval '1 day' - interval '1 microsecond', 'UTC');
  v_end constant timestamptz := greatest(v_first, date_trunc('day', least(p_to, '9999-01-01'), 'UTC'));
  v_cost numeric;
BEGIN
  EXECUTE format(
    'WITH g AS MATERIALIZED (SELECT id FROM usage_groups WHERE cut = %L %s AND %s)
    SELECT coalesce(sum(u.cost_usd), 0) FROM (
      SELECT d.cost_usd FROM g JOIN usage_days d ON d.group_id = g.id
      WHERE d.day >= ($5 AT TIME ZONE ''UTC'')::date AND d.day < ($6 AT TIME ZONE ''UTC'')::date
      UNION ALL
      SELECT q.cost_usd FROM g JOIN usage_quarters q ON q.group_id = g.id
      WHERE q.at >= $3 AND q.at < least($4, $5)
      UNION ALL
      SELECT q.cost_usd FROM g JOIN usage_quarters q ON q.group_id = g.id
      WHERE q.at >= greatest($3, $6) AND q.at < $4
      UNION ALL
      SELECT p.cost_usd FROM usage_pending p, ledger_state s
      WHERE %s AND at >= $3 AND at < $4 AND (at >= s.rolled_up_from OR at < s.kept_from)
      UNION ALL
      SELECT l.cost_usd FROM ledger_state s, ledger l
      WHERE %s AND l.status IN (''settled'', ''released'', ''swept'')
        AND l.created_at >= greatest($3, s.kept_from) AND l.created_at < least($4, s.rolled_up_from)
        AND l.id >= tollgate_id_floor(greatest($3 - interval ''1 hour'', s.kept_from - interval ''1 hour'', ''epoch''))
        AND l.id < tollgate_id_floor(least($4, s.rolled_up_from) + interval ''1 hour'')
    ) u',
    CASE p_scope_type WHEN 'organization' THEN 'organization' ELSE 'caller' END,
    CASE p_scope_type WHEN 'organization' THEN 'AND model = ''''' END, v_is_scope, v_is_scope, v_is_scope)
  INTO v_cost USING p_scope_id, p_organization, p_from, p_to, v_first, v_end;
  RETURN v_cost;
END $$;

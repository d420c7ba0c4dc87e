-- Makes the rollups from the ledger, for requests created since p_from; earlier usage stays as it is. Settlements wait
-- meanwhile. For an upgrade, and for data that was loaded in bulk.
--
-- Arguments:
--   p_from   the start of a quarter hour from which on the ledger is complete
-- Returns: nothing.
-- Locks: the advisory lock of tollgate_roll_up_v1, then usage_pending as a whole.
-- Called by: lib/credit/ledger/roll-up.ts, a migration.
CREATE OR REPLACE FUNCTION tollgate_rebuild_usage_v1(p_from timestamptz) RETURNS void
LANGUAGE plpgsql SET work_mem = '128MB' SET jit = off AS $$
DECLARE
  -- A few hours at a time, so that they fit in memory.
  v_step constant interval := '6 hours';
  v_at timestamptz := (
    SELECT greatest(p_from, date_bin('15 minutes', tollgate_id_time(id) - interval '1 hour', 'epoch'))
    FROM ledger ORDER BY id LIMIT 1);
  v_usage usage_pending[];
BEGIN
  PERFORM pg_advisory_xact_lock(742117901145);
  LOCK TABLE usage_pending IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM usage_pending WHERE at >= p_from;
  DELETE FROM usage_quarters WHERE at >= p_from;
  -- What earlier quarter hours of its day have, and what they have of the totals.
  DELETE FROM usage_days WHERE day >= (p_from AT TIME ZONE 'UTC')::date;
  INSERT INTO usage_days (
    group_id, day, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
  )
  SELECT group_id, (p_from AT TIME ZONE 'UTC')::date, cut, sum(requests), sum(errors), sum(input_tokens),
    sum(output_tokens), sum(cached_tokens), sum(cost_usd), sum(latency), sum(ttft)
  FROM (
    SELECT group_id, cut, requests, errors, input_tokens, output_tokens, cached_tokens, cost_usd, latency, ttft
    FROM usage_quarters WHERE at >= date_trunc('day', p_from, 'UTC')
    UNION ALL
    SELECT o.id, o.cut, q.requests, q.errors, q.input_tokens, q.output_tokens, q.cached_tokens, q.cost_usd, q.latency, q.ttft
    FROM usage_quarters q JOIN usage_groups g ON g.id = q.group_id
    JOIN usage_groups o ON o.hash = tollgate_usage_hash(
      'owner', g.organization_id, g.user_id, g.api_key_id, g.app_id, '', NULL, NULL, NULL, g.tags)
    WHERE q.cut = 'caller' AND q.at >= date_trunc('day', p_from, 'UTC')
  ) earlier GROUP BY group_id, cut;
  DELETE FROM usage_totals;
  INSERT INTO usage_totals (organization_id, user_id, provider, requests, cost_usd)
  SELECT g.organization_id, g.user_id, g.provider, sum(d.requests), sum(d.cost_usd)
  FROM usage_days d JOIN usage_groups g ON g.id = d.group_id WHERE g.cut = 'caller' GROUP BY 1, 2, 3;

  WHILE v_at <= statement_timestamp() LOOP
    -- Ids have the gateway's clock, `created_at` the database's: an hour of tolerance.
    SELECT array_agg(ROW(
      date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
      l.provider, l.upstream_model, l.endpoint, l.tags, 1, CASE WHEN l.http_status >= 400 THEN 1 ELSE 0 END,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms)::usage_pending)
    INTO v_usage
    FROM ledger l
    WHERE l.id >= tollgate_id_floor(v_at - interval '1 hour') AND l.id < tollgate_id_floor(v_at + v_step + interval '1 hour')
      AND l.created_at >= v_at AND l.created_at < v_at + v_step AND l.status IN ('settled', 'released', 'swept');
    IF v_usage IS NOT NULL THEN
      PERFORM tollgate_add_usage_v1(v_usage);
    END IF;
    v_at := v_at + v_step;
  END LOOP;
END $$;

DROP FUNCTION tollgate_rebuild_usage_v1(timestamp with time zone);
--> statement-breakpoint
-- Adds usage to the rollups: quarter hours and days of callers, organizations and the installation, days of owners,
-- longer spans of callers and owners, and totals.
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
      (p.at, p.model, p.provider, p.upstream_model, p.endpoint))
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
-- Fills the rollups from the ledger where an upgrade left them empty: one step from `ledger_state.rolled_up_from` back
-- towards `kept_from`, so that the newest usage is complete first. The gateway serves meanwhile. In the snapshot of a
-- single statement, what the ledger has of an interval is counted, and what is pending for it is forgotten, since the
-- ledger has that too. A settlement that commits later is in neither, and its pending usage is added as usual.
--
-- Arguments:
--   p_rows   about how many requests to count
-- Returns: whether the rollups are complete. False also while another call or a roll-up is at work: call again.
-- Locks: the advisory lock of tollgate_roll_up_v1, then rollup rows that nothing else writes.
-- Called by: lib/credit/ledger/roll-up.ts.
CREATE OR REPLACE FUNCTION tollgate_backfill_usage_v1(p_rows integer) RETURNS boolean
LANGUAGE plpgsql SET jit = off AS $$
DECLARE
  v_to timestamptz;
  v_kept timestamptz;
  v_from timestamptz;
  v_usage usage_pending[];
BEGIN
  IF (SELECT rolled_up_from <= kept_from FROM ledger_state) THEN
    RETURN true;
  END IF;
  IF NOT pg_try_advisory_xact_lock(742117901145) THEN
    RETURN false;
  END IF;
  SELECT rolled_up_from, date_bin('15 minutes', kept_from, 'epoch') INTO v_to, v_kept FROM ledger_state;
  v_from := (
    SELECT date_bin('15 minutes', tollgate_id_time(id), 'epoch') FROM ledger
    WHERE id < tollgate_id_floor(v_to) ORDER BY id DESC OFFSET p_rows LIMIT 1);
  v_from := least(greatest(coalesce(v_from, v_kept), v_kept), v_to - interval '15 minutes');
  WITH forgotten AS (
    DELETE FROM usage_pending WHERE at >= v_from AND at < v_to
  )
  -- Ids have the gateway's clock, `created_at` the database's: an hour of tolerance.
  SELECT array_agg(ROW(
    date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
    l.provider, l.upstream_model, l.endpoint, l.tags, 1, CASE WHEN l.http_status >= 400 THEN 1 ELSE 0 END,
    l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms)::usage_pending)
  INTO v_usage
  FROM ledger l
  WHERE l.id >= tollgate_id_floor(greatest(v_from - interval '1 hour', 'epoch')) AND l.id < tollgate_id_floor(v_to + interval '1 hour')
    AND l.created_at >= v_from AND l.created_at < v_to AND l.status IN ('settled', 'released', 'swept');
  IF v_usage IS NOT NULL THEN
    PERFORM tollgate_add_usage_v1(v_usage);
  END IF;
  UPDATE ledger_state SET rolled_up_from = CASE WHEN v_from <= v_kept THEN 'epoch' ELSE v_from END;
  RETURN v_from <= v_kept;
END $$;
--> statement-breakpoint
-- Retention: deletes the oldest requests that have ended, up to p_limit of those created before p_before. Held rows and
-- adjustments stay, and so does the usage rollup. The counters keep the deleted cost in their opening balance, so that
-- spent = opening + the rows that name the counter. ledger_state.kept_from records in the same commit from when on the
-- ledger is complete.
--
-- Arguments:
--   p_before   the start of an hour in UTC
--   p_limit    how many rows one call deletes; call again while it returns that many
-- Returns: how many rows it deleted; 0 while the rollups still need them (tollgate_backfill_usage_v1).
-- Locks: ledger rows by id (locked ones are left for the next call), then counters by id. Calls may run concurrently.
-- Called by: lib/credit/ledger/delete-requests.ts.
-- Source: credit.md, "Buckets".
CREATE OR REPLACE FUNCTION tollgate_delete_requests_v1(p_before timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_rows uuid[];
BEGIN
  IF (SELECT rolled_up_from > kept_from FROM ledger_state) THEN
    RETURN 0;
  END IF;
  UPDATE ledger_state SET kept_from = p_before WHERE id = 1 AND kept_from < p_before;
  SELECT array_agg(r.id) INTO v_rows FROM (
    SELECT id FROM ledger
    WHERE id < tollgate_id_floor(p_before) AND created_at < p_before
      AND status IN ('settled', 'released', 'swept')
    ORDER BY id LIMIT p_limit FOR UPDATE SKIP LOCKED
  ) r;
  IF v_rows IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM 1 FROM counters c
  WHERE c.id IN (SELECT unnest(l.counter_ids) FROM ledger l WHERE l.id = ANY (v_rows) AND l.cost_usd <> 0)
  ORDER BY c.id FOR UPDATE;
  UPDATE counters c SET opening_usd = c.opening_usd + s.cost
  FROM (
    SELECT b.id, sum(l.cost_usd) AS cost FROM ledger l, unnest(l.counter_ids) AS b (id)
    WHERE l.id = ANY (v_rows) AND l.cost_usd <> 0 GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  DELETE FROM ledger WHERE id = ANY (v_rows);
  RETURN cardinality(v_rows);
END $$;
--> statement-breakpoint
-- Moves pending usage into the rollups, in one transaction, so that a snapshot has each request either here or
-- there. One call rolls up at a time; another one that is under way does the work of both. Leaves usage to which
-- tollgate_backfill_usage_v1 has not come yet, since that counts it from the ledger.
--
-- Arguments:
--   p_limit   how many requests one call rolls up; call again while it returns that many
-- Returns: how many requests it rolled up; 0 also while another call is at work.
-- Locks: an advisory lock, then pending rows that nothing else changes, and rollup rows that nothing else writes.
-- Called by: lib/credit/ledger/roll-up.ts.
CREATE OR REPLACE FUNCTION tollgate_roll_up_v1(p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_taken usage_pending[];
BEGIN
  IF NOT pg_try_advisory_xact_lock(742117901145) THEN
    RETURN 0;
  END IF;
  WITH taken AS (
    DELETE FROM usage_pending p WHERE p.ctid = ANY (ARRAY(
      SELECT u.ctid FROM usage_pending u, ledger_state s WHERE u.at >= s.rolled_up_from OR u.at < s.kept_from LIMIT p_limit
    )) RETURNING p
  )
  SELECT array_agg(t.p) INTO v_taken FROM taken t;
  IF v_taken IS NULL THEN
    RETURN 0;
  END IF;

  PERFORM tollgate_add_usage_v1(v_taken);
  RETURN cardinality(v_taken);
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
    'WITH g AS MATERIALIZED (SELECT id FROM usage_groups WHERE cut = %L AND %s)
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
    CASE p_scope_type WHEN 'organization' THEN 'organization' ELSE 'caller' END, v_is_scope, v_is_scope, v_is_scope)
  INTO v_cost USING p_scope_id, p_organization, p_from, p_to, v_first, v_end;
  RETURN v_cost;
END $$;

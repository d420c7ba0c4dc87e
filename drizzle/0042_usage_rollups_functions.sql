-- Adds usage to the rollups: quarter hours and days of callers, organizations and the installation, days of owners, and
-- totals.
--
-- Arguments:
--   p_usage   rows as in usage_pending; `at` is the start of a quarter hour
-- Returns: nothing.
-- Locks: rollup rows that nothing else writes: the caller has the advisory lock of tollgate_roll_up_v1.
-- Called by: tollgate_roll_up_v1, tollgate_rebuild_usage_v1.
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
  )
  INSERT INTO usage_totals AS u (organization_id, user_id, provider, requests, cost_usd)
  SELECT organization_id, user_id, provider, sum(requests), sum(cost_usd) FROM hashed WHERE cut = 'caller' GROUP BY 1, 2, 3
  ON CONFLICT ON CONSTRAINT usage_totals_group DO UPDATE SET
    requests = u.requests + excluded.requests, cost_usd = u.cost_usd + excluded.cost_usd;
END $$;
--> statement-breakpoint
-- A duration as one request in a histogram: 1 in the digits of its bucket, of which each has twelve. Bucket b has the
-- durations up to 1.15^b ms, so its middle is within 10 % of each, in whole milliseconds too. Sums of such numbers are histograms of their requests.
--
-- Called by: tollgate_roll_up_v1, tollgate_rebuild_usage_v1, and lib/services/usage, which reads the histograms
--   (latency-histogram.ts). Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_latency_digit(ms integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN ms IS NULL THEN 0 ELSE
    ('1e' || (12 * least(ceil(ln(greatest(ms, 1)::double precision) / ln(1.15::double precision)), 110)::integer)::text)::numeric END
$$;
--> statement-breakpoint
-- A scope's budget changes its period, in the transaction that calls this as its last step: creates the running bucket of
-- the new period, or brings it up to date, from the ledger. Its `spent` is the cost of the scope's requests since the
-- period's start plus the adjustments since then; holds since then move to it. What no row accounts for is its opening
-- balance, so that spent = opening + the rows that name the counter. Usage that a user or key had in another organization
-- does not count: it is not told to this one. Called for a scope that has moved, also takes that organization's requests
-- in flight out of the bucket, where they would settle.
--
-- Arguments:
--   p_scope_type, p_scope_id   whose budget
--   p_from, p_to               the old and the new period; the same for a scope that has just moved
-- Returns: nothing.
-- Locks: ledger rows of the scope by id, then all of its counters by id (created where missing), then newer ledger rows
--   without waiting. A hold that had the counters first is seen; one that gets them later reads the scope's new version
--   and is stale.
-- Errors: lock_not_available (55P03) after 100 attempts of at most 50 ms each.
-- Called by: lib/services/usage/move-bucket.ts.
-- Source: credit.md, "Buckets".
CREATE OR REPLACE FUNCTION tollgate_rebucket_v1(
  p_scope_type scope_type, p_scope_id uuid, p_from period, p_to period
) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '50ms' AS $$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_start constant timestamptz := tollgate_period_start(p_to, v_now);
  -- No held row is older than this, and no late settlement of a swept row is expected after 15 minutes.
  v_floor constant uuid := least(
    tollgate_id_floor(v_now - interval '15 minutes'), (SELECT oldest_open FROM instances ORDER BY oldest_open LIMIT 1));
  -- The usage of earlier hours no longer changes: sum it before taking locks. One hour of tolerance: ids carry the
  -- gateway's clock, hours the database's.
  v_changing constant timestamptz := greatest(
    v_start, date_trunc('hour', tollgate_id_time(v_floor) - interval '1 hour', 'UTC'));
  v_column constant text := CASE p_scope_type WHEN 'organization' THEN 'organization_id' WHEN 'user' THEN 'user_id'
    WHEN 'api_key' THEN 'api_key_id' ELSE 'app_id' END;
  v_organization constant uuid := CASE p_scope_type
    WHEN 'organization' THEN p_scope_id
    WHEN 'user' THEN (SELECT organization_id FROM users WHERE id = p_scope_id)
    WHEN 'api_key' THEN (SELECT organization_id FROM api_keys WHERE id = p_scope_id)
    ELSE (SELECT organization_id FROM apps WHERE id = p_scope_id) END;
  -- The ledger has no index on app_id, so the app's organization narrows the search.
  v_rows_of_scope constant text := format(
    'SELECT array_agg(r.id) FROM (
      SELECT id FROM ledger
      WHERE %I = $1 %s AND id >= $2 AND created_at >= $3 AND status IN (''held'', ''swept'') AND id <> ALL ($4)
      ORDER BY id FOR UPDATE %%s
    ) r',
    v_column,
    CASE p_scope_type WHEN 'app' THEN 'AND organization_id = $5' END);
  v_earlier numeric;
  v_later numeric;
  v_adjusted numeric;
  v_rows uuid[];
  v_left uuid[];
  v_newer uuid[];
  v_counters bigint[];
  v_to bigint;
  v_moved record;
BEGIN
  v_earlier := tollgate_usage_cost(p_scope_type, p_scope_id, v_organization, v_start, v_changing);

  -- A hold that arrived between locking rows and locking counters is locked last and without waiting, since its settlement
  -- may be waiting for the counters. If that fails, the block (a subtransaction) releases every lock and tries again.
  FOR v_attempt IN 1..100 LOOP
    BEGIN
      EXECUTE format(v_rows_of_scope, '') INTO v_rows USING p_scope_id, v_floor, v_start, '{}'::uuid[], v_organization;
      INSERT INTO counters (scope_type, scope_id, period, period_start)
      SELECT p_scope_type, p_scope_id, p.period, tollgate_period_start(p.period, v_now)
      FROM unnest(ARRAY[p_from, p_to]) AS p (period) ORDER BY p.period
      ON CONFLICT DO NOTHING;
      SELECT array_agg(c.id) INTO v_counters
      FROM (SELECT id FROM counters WHERE scope_id = p_scope_id ORDER BY id FOR UPDATE) c;
      EXECUTE format(v_rows_of_scope, 'NOWAIT') INTO v_newer
      USING p_scope_id, v_floor, v_start, coalesce(v_rows, '{}'), v_organization;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF v_attempt = 100 THEN
        RAISE;
      END IF;
      PERFORM pg_sleep(0.001 * random() * least(v_attempt, 20));
    END;
  END LOOP;

  SELECT id INTO STRICT v_to FROM counters WHERE scope_id = p_scope_id AND period = p_to AND period_start = v_start;
  IF p_from = p_to THEN
    v_left := (SELECT array_agg(l.id) FROM ledger l
      WHERE l.id = ANY (coalesce(v_rows, '{}') || coalesce(v_newer, '{}'))
        AND l.organization_id IS DISTINCT FROM v_organization AND v_to = ANY (l.counter_ids));
    UPDATE counters c SET held_usd = c.held_usd - s.held, open_holds = c.open_holds - s.holds, spent_usd = c.spent_usd - s.spent
    FROM (
      SELECT coalesce(sum(l.hold_usd) FILTER (WHERE l.status = 'held'), 0) AS held,
        count(*) FILTER (WHERE l.status = 'held' AND l.instance_id IS NOT NULL) AS holds,
        coalesce(sum(l.cost_usd) FILTER (WHERE l.status = 'swept'), 0) AS spent
      FROM ledger l WHERE l.id = ANY (v_left)
    ) s
    WHERE c.id = v_to;
    UPDATE ledger l SET counter_ids = array_remove(l.counter_ids, v_to) WHERE l.id = ANY (v_left);
  END IF;
  v_rows := (SELECT array_agg(l.id) FROM ledger l
    WHERE l.id = ANY (coalesce(v_rows, '{}') || coalesce(v_newer, '{}'))
      AND l.counter_ids && v_counters AND v_to <> ALL (l.counter_ids));

  SELECT coalesce(sum(l.hold_usd) FILTER (WHERE l.status = 'held'), 0) AS held,
    count(*) FILTER (WHERE l.status = 'held' AND l.instance_id IS NOT NULL) AS holds,
    coalesce(sum(l.cost_usd) FILTER (WHERE l.status = 'swept'), 0) AS spent
  INTO v_moved FROM ledger l WHERE l.id = ANY (v_rows);
  UPDATE counters c SET held_usd = c.held_usd - s.held, open_holds = c.open_holds - s.holds, spent_usd = c.spent_usd - s.spent
  FROM (
    SELECT b.id, coalesce(sum(l.hold_usd) FILTER (WHERE l.status = 'held'), 0) AS held,
      count(*) FILTER (WHERE l.status = 'held' AND l.instance_id IS NOT NULL) AS holds,
      coalesce(sum(l.cost_usd) FILTER (WHERE l.status = 'swept'), 0) AS spent
    FROM ledger l, unnest(l.counter_ids) AS b (id)
    WHERE l.id = ANY (v_rows) AND b.id = ANY (v_counters) GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  UPDATE ledger l SET counter_ids = ARRAY(
    SELECT CASE WHEN b.id = ANY (v_counters) THEN v_to ELSE b.id END
    FROM unnest(l.counter_ids) WITH ORDINALITY AS b (id, ord) ORDER BY b.ord)
  WHERE l.id = ANY (v_rows);

  v_later := tollgate_usage_cost(p_scope_type, p_scope_id, v_organization, v_changing, 'infinity');
  SELECT coalesce(sum(l.cost_usd), 0) INTO v_adjusted FROM ledger l
  WHERE coalesce(l.api_key_id, l.app_id, l.user_id, l.organization_id) = p_scope_id AND l.adjusted_by IS NOT NULL
    AND l.organization_id = v_organization AND l.created_at >= v_start;
  -- The cost of the bucket's own rows is what it had spent beyond its opening balance, plus the swept rows moved here.
  UPDATE counters c SET
    held_usd = c.held_usd + v_moved.held, open_holds = c.open_holds + v_moved.holds,
    spent_usd = v_earlier + v_later + v_adjusted,
    opening_usd = v_earlier + v_later + v_adjusted - (c.spent_usd - c.opening_usd + v_moved.spent)
  WHERE c.id = v_to;
END $$;
--> statement-breakpoint
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
--> statement-breakpoint
-- Moves pending usage into the rollups, in one transaction, so that a snapshot has each request either here or
-- there. One call rolls up at a time; another one that is under way does the work of both.
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
    DELETE FROM usage_pending p WHERE p.ctid = ANY (ARRAY(SELECT ctid FROM usage_pending LIMIT p_limit)) RETURNING p
  )
  SELECT array_agg(t.p) INTO v_taken FROM taken t;
  IF v_taken IS NULL THEN
    RETURN 0;
  END IF;

  PERFORM tollgate_add_usage_v1(v_taken);
  RETURN cardinality(v_taken);
END $$;
--> statement-breakpoint
-- Ends held rows: settled (billed), released (a definitive, unbilled error) or swept (the owner is gone). Moves the cost
-- from held to spent in the buckets each row was held in, and appends it to the pending usage. Does not look at limits:
-- a settlement always succeeds. Where a counter reaches the spend at which its budget's next event is due, records the event.
--
-- Arguments:
--   p_items   [{ id, status, cost (USD), input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens,
--             meters (other counts by name; null for none), usage_source, provider, upstream_model, price, http_status, error_code, latency_ms, ttft_ms,
--             dropped (null for nothing), provider_cost (USD; null if the provider does not say), dispatched_ms,
--             attempts (null for a single one that answered) }].
--             Null for provider, upstream_model or price keeps what the hold wrote.
-- Returns: null when every row was held and has ended as its item says; otherwise the ids of those that have. The rest
--   (ended already, swept, or missing) are for tollgate_settle_late_v1.
-- Locks: ledger rows by id, then counters by id.
-- Errors: lock_not_available (55P03) after 300 ms, which is less than deadlock_timeout: callers resend.
-- Called by: lib/credit/ledger/ledger-calls.ts, tollgate_batch_v1, tollgate_settle_late_v1, tollgate_sweep_v1.
-- Counters are found by ctid: while an old snapshot is open, a look-up by id walks through all versions of a counter
-- (10 000 versions: 0.3 ms instead of 5 us). The settings force index look-ups and ordered groups.
-- Source: credit.md, "Locks", "Buckets".
CREATE OR REPLACE FUNCTION tollgate_settle_v1(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET enable_hashagg = off SET jit = off SET enable_seqscan = off
SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_n constant integer := jsonb_array_length(p_items);
  v_closed uuid[];
  v_counted bigint[];
  v_has_missed boolean;
  v_is_due boolean;
  v_is_due_too boolean;
BEGIN
  WITH items AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_items) AS i (
      id uuid, status ledger_status, cost numeric, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, meters jsonb, usage_source usage_source, provider text,
      upstream_model text, price uuid, http_status integer, error_code text, latency_ms integer, ttft_ms integer,
      dropped text[], provider_cost numeric, dispatched_ms integer, attempts jsonb
    ) ORDER BY id
    -- The limit keeps every item, but makes the planner expect a tenth of them and look each row up by its id.
    LIMIT v_n
  ), closed AS (
    UPDATE ledger l SET
      status = i.status, settled_at = statement_timestamp(), cost_usd = i.cost,
      overrun_usd = greatest(i.cost - l.hold_usd, 0),
      input_tokens = i.input_tokens, output_tokens = i.output_tokens, cached_tokens = i.cached_tokens,
      cache_write_tokens = i.cache_write_tokens, reasoning_tokens = i.reasoning_tokens,
      meters = coalesce(i.meters, l.meters),
      usage_source = i.usage_source, provider = coalesce(i.provider, l.provider),
      upstream_model = coalesce(i.upstream_model, l.upstream_model),
      price_version_id = coalesce(i.price, l.price_version_id),
      http_status = i.http_status, error_code = i.error_code, latency_ms = i.latency_ms, ttft_ms = i.ttft_ms,
      dropped = coalesce(i.dropped, l.dropped), provider_cost_usd = i.provider_cost,
      dispatched_ms = i.dispatched_ms, attempts = i.attempts
    FROM items i
    WHERE l.id = i.id AND l.status = 'held'
    RETURNING l.id, l.instance_id, l.hold_usd, l.cost_usd, l.counter_ids, l.created_at, l.organization_id,
      l.user_id, l.api_key_id, l.app_id, l.model, l.provider, l.upstream_model, l.endpoint, l.tags, l.http_status,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.latency_ms, l.ttft_ms
  ), counted AS (
    -- The newest version of each counter, found as in the hold. Those that have changed since are updated below.
    UPDATE counters c SET
      held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
    FROM (
      SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
        count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended, count(*) AS named
      FROM closed l, unnest(l.counter_ids) AS b (id) GROUP BY b.id
    ) s, LATERAL (
      SELECT n.ctid AS newest FROM counters n WHERE n.id BETWEEN s.id AND s.id ORDER BY n.id DESC LIMIT 1
    ) n
    WHERE c.ctid = n.newest
    RETURNING c.id, s.named, c.spent_usd >= c.alert_usd AS due
  ), pending AS (
    INSERT INTO usage_pending (
      at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
      input_tokens, output_tokens, cached_tokens, cost_usd, latency_ms, ttft_ms
    )
    SELECT date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id,
      l.model, l.provider, l.upstream_model, l.endpoint, l.tags, 1, CASE WHEN l.http_status >= 400 THEN 1 ELSE 0 END,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms
    FROM closed l
  )
  SELECT l.ids, c.ids, l.named > coalesce(c.named, 0), c.due INTO v_closed, v_counted, v_has_missed, v_is_due
  FROM (SELECT array_agg(id) AS ids, sum(cardinality(counter_ids)) AS named FROM closed) l,
    (SELECT array_agg(id) AS ids, sum(named) AS named, bool_or(due) AS due FROM counted) c;
  IF v_has_missed THEN
    -- The statement waited for a counter, or for a row that moved meanwhile to a bucket that its snapshot cannot see.
    -- A new statement can.
    WITH counted AS (
      UPDATE counters c SET
        held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
      FROM (
        SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
          count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended
        FROM ledger l, unnest(l.counter_ids) AS b (id)
        WHERE l.id = ANY (v_closed) AND b.id <> ALL (coalesce(v_counted, '{}')) GROUP BY b.id
      ) s
      WHERE c.id = s.id
      RETURNING c.spent_usd >= c.alert_usd AS due
    )
    SELECT bool_or(due) INTO v_is_due_too FROM counted;
  END IF;
  IF v_is_due OR v_is_due_too THEN
    PERFORM tollgate_raise_budget_events_v1(
      (SELECT array_agg(DISTINCT b.id) FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (v_closed)));
  END IF;
  RETURN CASE WHEN cardinality(v_closed) = v_n THEN NULL ELSE coalesce(array_to_json(v_closed), '[]') END;
END $$;
--> statement-breakpoint
-- Undoes sweeps, within the late settlement that knows better: the rows are held again, counters are as they were
-- before the sweep, and pending usage takes back what the sweep counted.
--
-- Arguments:
--   p_ids   ledger rows; those that are not swept are ignored
-- Returns: nothing.
-- Locks: none of its own. The caller has locked the rows and their counters.
-- Called by: tollgate_settle_late_v1.
-- Source: credit.md, "Batches".
CREATE OR REPLACE FUNCTION tollgate_unsweep_v1(p_ids uuid[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO usage_pending (
    at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
    input_tokens, output_tokens, cached_tokens, cost_usd
  )
  SELECT date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
    l.provider, l.upstream_model, l.endpoint, l.tags, -1, CASE WHEN l.http_status >= 400 THEN -1 ELSE 0 END,
    -l.input_tokens, -l.output_tokens, -l.cached_tokens, -l.cost_usd
  FROM ledger l WHERE l.id = ANY (p_ids) AND l.status = 'swept';
  UPDATE counters c SET held_usd = c.held_usd + s.held, spent_usd = c.spent_usd - s.spent,
    open_holds = c.open_holds + s.reopened
  FROM (
    SELECT b.id, sum(l.hold_usd) AS held, sum(l.cost_usd) AS spent,
      count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS reopened
    FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (p_ids) AND l.status = 'swept' GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  UPDATE ledger l SET status = 'held', cost_usd = 0, error_code = NULL
  WHERE l.id = ANY (p_ids) AND l.status = 'swept';
$$;
--> statement-breakpoint
-- What the requests of a scope in one organization have cost, by their `created_at`. Exact in the snapshot of the
-- statement that calls it: rollups and pending usage together.
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
      SELECT cost_usd FROM usage_pending WHERE %s AND at >= $3 AND at < $4
    ) u',
    CASE p_scope_type WHEN 'organization' THEN 'organization' ELSE 'caller' END, v_is_scope, v_is_scope)
  INTO v_cost USING p_scope_id, p_organization, p_from, p_to, v_first, v_end;
  RETURN v_cost;
END $$;
--> statement-breakpoint
-- The identity of a usage group: a digest of all its dimensions, of which most may be null.
--
-- Called by: tollgate_roll_up_v1, tollgate_rebuild_usage_v1. Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_usage_hash(
  cut usage_cut, org uuid, usr uuid, key uuid, app uuid, model text, provider text, upstream_model text, endpoint text,
  tags text[]
) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT md5(ROW(cut, org, usr, key, app, model, provider, upstream_model, endpoint, tags)::text)::uuid
$$;

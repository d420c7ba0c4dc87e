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

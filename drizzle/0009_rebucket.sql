-- The least UUIDv7 of a moment, and the moment of one. The ledger's ids sort by time.
CREATE FUNCTION tollgate_id_floor(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;
--> statement-breakpoint
CREATE FUNCTION tollgate_id_time(id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 'epoch'::timestamptz + ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint * interval '1 millisecond'
$$;
--> statement-breakpoint
-- A budget has changed its period, in the same transaction: the running bucket of the new period is made, or
-- brought up to date, from the ledger. It has spent what the scope's requests since its beginning have cost,
-- and its adjustments since then; what is held for requests since then moves to it. What it has spent
-- without being named by any row is its opening balance, so that spent = opening + the rows that name it.
--
-- Holds in flight: whoever has the counters before this function has placed a hold that it sees; whoever gets
-- them after it reads the new version of the scope's row, and is stale. So the counters of both periods are
-- locked, and made where there are none yet. A hold that came after the rows were locked and before the
-- counters were is locked last, and without waiting, since its settlement may be waiting for the counters: then all
-- locks are given back (the block is a subtransaction), and taken again.
CREATE FUNCTION tollgate_rebucket_v1(p_scope_type scope_type, p_scope_id uuid, p_from period, p_to period) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_now constant timestamptz := statement_timestamp();
  v_start constant timestamptz := tollgate_period_start(p_to, v_now);
  -- Nothing older is held; of what was swept, a settlement that comes late is not awaited for longer.
  v_floor constant uuid := least(
    tollgate_id_floor(v_now - interval '15 minutes'), (SELECT oldest_open FROM instances ORDER BY oldest_open LIMIT 1));
  -- The rollup of earlier hours does not change any more: it is added up before anybody has to wait. The
  -- hour less is for clocks that differ, since ids are of the gateway's and hours of this database's.
  v_changing constant timestamptz := greatest(
    v_start, date_trunc('hour', tollgate_id_time(v_floor) - interval '1 hour', 'UTC'));
  v_column constant text := CASE p_scope_type WHEN 'organization' THEN 'organization_id' WHEN 'user' THEN 'user_id'
    WHEN 'api_key' THEN 'api_key_id' ELSE 'app_id' END;
  v_usage constant text := format(
    'SELECT coalesce(sum(cost_usd), 0) FROM usage_hourly WHERE %I = $1 AND hour >= $2 AND hour < $3', v_column);
  -- The ledger has no index by app.
  v_rows_of_scope constant text := format(
    'SELECT array_agg(r.id) FROM (
      SELECT id FROM ledger
      WHERE %I = $1 %s AND id >= $2 AND created_at >= $3 AND status IN (''held'', ''swept'') AND id <> ALL ($4)
      ORDER BY id FOR UPDATE %%s
    ) r',
    v_column,
    CASE p_scope_type WHEN 'app' THEN 'AND organization_id = (SELECT organization_id FROM apps WHERE id = $1)' END);
  v_earlier numeric;
  v_later numeric;
  v_adjusted numeric;
  v_rows uuid[];
  v_newer uuid[];
  v_counters bigint[];
  v_to bigint;
  v_moved record;
BEGIN
  EXECUTE v_usage INTO v_earlier USING p_scope_id, v_start, v_changing;

  FOR v_attempt IN 1..100 LOOP
    BEGIN
      EXECUTE format(v_rows_of_scope, '') INTO v_rows USING p_scope_id, v_floor, v_start, '{}'::uuid[];
      INSERT INTO counters (scope_type, scope_id, period, period_start)
      SELECT p_scope_type, p_scope_id, p.period, tollgate_period_start(p.period, v_now)
      FROM unnest(ARRAY[p_from, p_to]) AS p (period) ORDER BY p.period
      ON CONFLICT DO NOTHING;
      SELECT array_agg(c.id) INTO v_counters
      FROM (SELECT id FROM counters WHERE scope_id = p_scope_id ORDER BY id FOR UPDATE) c;
      EXECUTE format(v_rows_of_scope, 'NOWAIT') INTO v_newer
      USING p_scope_id, v_floor, v_start, coalesce(v_rows, '{}');
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF v_attempt = 100 THEN
        RAISE;
      END IF;
      PERFORM pg_sleep(0.001 * random() * least(v_attempt, 20));
    END;
  END LOOP;

  SELECT id INTO STRICT v_to FROM counters WHERE scope_id = p_scope_id AND period = p_to AND period_start = v_start;
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

  EXECUTE v_usage INTO v_later USING p_scope_id, v_changing, 'infinity'::timestamptz;
  SELECT coalesce(sum(l.cost_usd), 0) INTO v_adjusted FROM ledger l
  WHERE coalesce(l.api_key_id, l.app_id, l.user_id, l.organization_id) = p_scope_id AND l.adjusted_by IS NOT NULL
    AND l.created_at >= v_start;
  -- What its own rows have cost is what it had spent beyond its opening, and the swept ones that have come.
  UPDATE counters c SET
    held_usd = c.held_usd + v_moved.held, open_holds = c.open_holds + v_moved.holds,
    spent_usd = v_earlier + v_later + v_adjusted,
    opening_usd = v_earlier + v_later + v_adjusted - (c.spent_usd - c.opening_usd + v_moved.spent)
  WHERE c.id = v_to;
END $$;

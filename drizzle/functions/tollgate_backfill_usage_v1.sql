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
    l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms,
    l.metadata_id)::usage_pending)
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

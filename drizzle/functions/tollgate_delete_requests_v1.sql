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

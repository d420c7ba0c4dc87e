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

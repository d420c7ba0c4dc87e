-- Settles the holds of processes whose lease has run out on this database's clock. Charges what the row says: its input,
-- how far its stream had come at the last heartbeat, and a margin. After a time in which no process was seen, the leases
-- last longer (tollgate_spare_v1). A process without open holds is deleted from instances.
--
-- Arguments:
--   p_limit   how many rows one call sweeps; call again while it returns that many
-- Returns: how many rows it swept.
-- Locks: instances by id (locked ones are left to the sweep that has them), ledger rows by id, then counters by id.
-- Errors: lock_not_available (55P03): a counter is locked; leave it to the next sweep.
-- Called by: lib/credit/ledger/sweep.ts.
-- Source: credit.md, "Sweep".
CREATE OR REPLACE FUNCTION tollgate_sweep_v1(p_limit integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_dead record;
  v_items jsonb;
  v_swept integer := 0;
BEGIN
  PERFORM tollgate_spare_v1();
  FOR v_dead IN
    SELECT id, oldest_open FROM instances WHERE alive_until < clock_timestamp() ORDER BY id FOR UPDATE SKIP LOCKED
  LOOP
    SELECT jsonb_agg(jsonb_build_object(
      'id', e.id, 'status', 'swept', 'cost', e.if_swept_usd, 'input_tokens', e.input_tokens,
      'output_tokens', e.if_swept_output_tokens, 'cached_tokens', 0, 'cache_write_tokens', 0, 'reasoning_tokens', 0,
      'usage_source', 'estimated', 'http_status', 500, 'error_code', 'gateway_died'))
    INTO v_items
    FROM (
      SELECT l.* FROM ledger l
      WHERE l.id >= v_dead.oldest_open AND l.status = 'held' AND l.instance_id = v_dead.id
      ORDER BY l.id LIMIT p_limit - v_swept FOR UPDATE
    ) e;
    IF v_items IS NOT NULL THEN
      PERFORM tollgate_settle_v1(v_items);
      v_swept := v_swept + jsonb_array_length(v_items);
    END IF;
    EXIT WHEN v_swept >= p_limit;
    DELETE FROM instances WHERE id = v_dead.id;
  END LOOP;
  RETURN v_swept;
END $$;

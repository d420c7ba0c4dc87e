-- Renews a process's lease, and brings what a sweep would charge for its open streams up to date.
--
-- Arguments:
--   p_instance        the process
--   p_lease_seconds   how long it counts as alive from now on
--   p_oldest_open     no open hold of the process is older than this id: where a sweep starts to look
--   p_items           [{ id uuid, if_swept numeric (USD), if_swept_output bigint (tokens) }], one for each open stream
-- Returns: nothing. Items whose row is no longer held are ignored.
-- Locks: instances by id (tollgate_spare_v1), the instance, then ledger rows by id.
-- Called by: lib/credit/ledger/instance.ts.
-- Source: credit.md, "Sweep".
CREATE OR REPLACE FUNCTION tollgate_heartbeat_v1(
  p_instance uuid, p_lease_seconds integer, p_oldest_open uuid, p_items jsonb
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tollgate_spare_v1();
  INSERT INTO instances AS n (id, seen_at, alive_until, oldest_open)
  VALUES (p_instance, clock_timestamp(), clock_timestamp() + make_interval(secs => p_lease_seconds), p_oldest_open)
  ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, alive_until = excluded.alive_until,
    oldest_open = excluded.oldest_open, is_spared = false;
  WITH items AS MATERIALIZED (
    SELECT l.id, i.if_swept, i.if_swept_output
    FROM jsonb_to_recordset(p_items) AS i (id uuid, if_swept numeric, if_swept_output bigint)
    JOIN ledger l ON l.id = i.id
    WHERE l.status = 'held'
    ORDER BY l.id FOR UPDATE OF l
  )
  UPDATE ledger l SET if_swept_usd = i.if_swept, if_swept_output_tokens = i.if_swept_output
  FROM items i WHERE l.id = i.id AND l.status = 'held';
END $$;
--> statement-breakpoint
-- Gives every process a quarter of its lease anew after a time in which none was seen: then the database was away, rather
-- than they were dead, and they return within seconds of one another. The first one to return must not sweep what the
-- others still serve. Once between two heartbeats of a process, so that its holds are swept at last if it is dead.
--
-- Returns: nothing.
-- Locks: instances by id; locked ones send a heartbeat or are swept by another call.
-- Called by: tollgate_heartbeat_v1, tollgate_sweep_v1.
-- Source: credit.md, "Sweep".
CREATE OR REPLACE FUNCTION tollgate_spare_v1() RETURNS void
LANGUAGE sql AS $$
  WITH spared AS MATERIALIZED (
    SELECT i.id FROM instances i
    WHERE NOT i.is_spared AND i.alive_until < clock_timestamp() + (i.alive_until - i.seen_at) / 4
      AND NOT EXISTS (
        SELECT FROM instances s
        WHERE NOT s.is_spared AND clock_timestamp() < s.seen_at + (s.alive_until - s.seen_at) / 2
      )
    ORDER BY i.id FOR UPDATE SKIP LOCKED
  )
  UPDATE instances i SET alive_until = clock_timestamp() + (i.alive_until - i.seen_at) / 4, is_spared = true
  FROM spared s WHERE s.id = i.id;
$$;
--> statement-breakpoint
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

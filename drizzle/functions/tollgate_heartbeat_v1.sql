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

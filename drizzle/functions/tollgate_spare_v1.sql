-- Gives every process a quarter of its lease anew after a time in which none was seen: then the database was away, rather
-- than they were dead, and they return within seconds of one another. The first one to return must not sweep what the
-- others still serve. Once between two heartbeats of a process, so that its holds are swept at last if it is dead.
--
-- Arguments: none.
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

-- The moment of a UUIDv7, in milliseconds: the inverse of tollgate_id_floor.
--
-- Called by: tollgate_hold_v1, tollgate_rebucket_v1. Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_id_time(id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 'epoch'::timestamptz + ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint * interval '1 millisecond'
$$;

-- The smallest UUIDv7 of a moment. Ledger ids sort by time, so a range of time is a range of ids.
--
-- Called by: tollgate_rebucket_v1, tollgate_replay_v1, tollgate_delete_requests_v1. Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_id_floor(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

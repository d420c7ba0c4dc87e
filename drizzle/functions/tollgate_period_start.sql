-- The start of the UTC period that `at` lies in. Weeks begin on Monday; `total` starts at the epoch and never ends.
--
-- Called by: most functions here, and the read models of lib/services. Unversioned: its answer never changes.
-- Source: credit.md, "Buckets".
CREATE OR REPLACE FUNCTION tollgate_period_start(p period, at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE p WHEN 'total' THEN 'epoch'::timestamptz ELSE date_trunc(p::text, at, 'UTC') END
$$;

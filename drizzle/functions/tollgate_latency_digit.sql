-- A duration as one request in a histogram: 1 in the digits of its bucket, of which each has twelve. Bucket b has the
-- durations up to 1.15^b ms, so its middle is within 10 % of each, in whole milliseconds too. Sums of such numbers are histograms of their requests.
--
-- Called by: tollgate_roll_up_v1, tollgate_backfill_usage_v1, and lib/services/usage, which reads the histograms
--   (latency-histogram.ts). Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_latency_digit(ms integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN ms IS NULL THEN 0 ELSE
    ('1e' || (12 * least(ceil(ln(greatest(ms, 1)::double precision) / ln(1.15::double precision)), 110)::integer)::text)::numeric END
$$;

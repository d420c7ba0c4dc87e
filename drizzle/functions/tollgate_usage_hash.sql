-- The identity of a usage group: a digest of all its dimensions, of which most may be null. Without metadata it is that of
-- groups from before there was any.
--
-- Called by: tollgate_roll_up_v1, tollgate_backfill_usage_v1. Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_usage_hash(
  cut usage_cut, org uuid, usr uuid, key uuid, app uuid, model text, provider text, upstream_model text, endpoint text,
  tags text[], metadata uuid
) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT md5(ROW(cut, org, usr, key, app, model, provider, upstream_model, endpoint, tags)::text || coalesce(metadata::text, ''))::uuid
$$;

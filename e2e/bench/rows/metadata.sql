-- As if each key and app had had metadata since the beginning: one of thirty teams, and a name of its own.
WITH sets AS MATERIALIZED (
  SELECT c.id, jsonb_build_object('team', 'team-' || abs(hashtext(c.id::text)) % 30, 'caller', c.id) AS pairs
  FROM (SELECT DISTINCT coalesce(api_key_id, app_id) AS id FROM usage_groups WHERE cut IN ('caller', 'owner')) c
), added AS (
  INSERT INTO metadata_sets SELECT tollgate_metadata_id(pairs), pairs FROM sets ON CONFLICT DO NOTHING
)
UPDATE usage_groups g SET metadata_id = tollgate_metadata_id(s.pairs) FROM sets s
WHERE s.id = coalesce(g.api_key_id, g.app_id) AND g.cut IN ('caller', 'owner') AND g.metadata_id IS NULL;

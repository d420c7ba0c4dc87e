-- The id of a set of metadata in metadata_sets: a digest of its pairs. Null for none.
--
-- Called by: lib/auth/caller.ts. Unversioned: its answer never changes.
CREATE OR REPLACE FUNCTION tollgate_metadata_id(pairs jsonb) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN pairs <> '{}' THEN left(encode(sha256(convert_to(pairs::text, 'UTF8')), 'hex'), 32)::uuid END
$$;

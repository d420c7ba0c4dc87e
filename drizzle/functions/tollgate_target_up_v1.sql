-- Notes that a target is up again, for all replicas, and records the event `target.up`. Does nothing for one that is up.
--
-- Arguments: the target, as in target_states.
-- Returns: whether it was down.
-- Locks: the row.
-- Called by: lib/gateway/routing/shared-breakers.ts, lib/services/providers/check-targets.ts.
-- Source: design.md, section 4.
CREATE OR REPLACE FUNCTION tollgate_target_up_v1(p_provider uuid, p_credential text, p_model text) RETURNS boolean
LANGUAGE sql AS $$
  WITH up AS (
    UPDATE target_states SET closed_at = clock_timestamp()
    WHERE provider_id = p_provider AND credential_id = p_credential AND upstream_model = p_model AND closed_at IS NULL
    RETURNING provider_id, opened_at, closed_at
  ), told AS (
    INSERT INTO events (type, data)
    SELECT 'target.up', jsonb_build_object(
      'provider', p.name, 'provider_id', p.id, 'credential', nullif(p_credential, ''), 'upstream_model', p_model,
      'down_seconds', round(extract(epoch FROM up.closed_at - up.opened_at)))
    FROM up JOIN providers p ON p.id = up.provider_id
  )
  SELECT EXISTS (SELECT FROM up);
$$;

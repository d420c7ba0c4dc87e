-- Claims the one probe of a target that is down, for 15 s: among all replicas, one sends a request there to find out whether
-- it is up again.
--
-- Arguments: the target, as in target_states.
-- Returns: whether the caller has it.
-- Locks: the row.
-- Called by: lib/gateway/routing/shared-breakers.ts.
-- Source: design.md, section 4.
CREATE OR REPLACE FUNCTION tollgate_claim_probe_v1(p_provider uuid, p_credential text, p_model text) RETURNS boolean
LANGUAGE sql AS $$
  WITH claimed AS (
    UPDATE target_states SET probe_after = clock_timestamp() + interval '15 seconds'
    WHERE provider_id = p_provider AND credential_id = p_credential AND upstream_model = p_model
      AND closed_at IS NULL AND probe_after <= clock_timestamp()
    RETURNING 1
  )
  SELECT EXISTS (SELECT FROM claimed);
$$;

-- Notes that a target is down, for all replicas: its circuit breaker has opened, or a probe has failed. If it was up, records
-- the event `target.down`.
--
-- Arguments:
--   p_provider, p_credential, p_model   the target, as in target_states
--   p_reason                            what opened it
-- Returns: in how many milliseconds it may be probed: 2 s, doubled with each failure in a row up to a minute, each ± 20 %.
--   Null for a provider that does not exist.
-- Locks: the provider (FOR KEY SHARE), then the row.
-- Called by: lib/gateway/routing/shared-breakers.ts, lib/services/providers/check-targets.ts.
-- Source: design.md, section 4.
CREATE OR REPLACE FUNCTION tollgate_target_down_v1(p_provider uuid, p_credential text, p_model text, p_reason text)
RETURNS double precision
LANGUAGE plpgsql AS $$
DECLARE
  v_name text;
  v_before target_states;
  v_trips integer;
  v_wait interval;
BEGIN
  SELECT name INTO v_name FROM providers WHERE id = p_provider FOR KEY SHARE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO target_states (provider_id, credential_id, upstream_model, opened_at, probe_after, trips, reason, closed_at)
  VALUES (p_provider, p_credential, p_model, '-infinity', '-infinity', 0, p_reason, '-infinity')
  ON CONFLICT DO NOTHING;
  SELECT * INTO v_before FROM target_states
  WHERE provider_id = p_provider AND credential_id = p_credential AND upstream_model = p_model FOR UPDATE;
  -- One that comes and goes is as bad as one that stays away.
  v_trips := CASE
    WHEN v_before.closed_at IS NULL OR v_before.closed_at > clock_timestamp() - interval '1 minute' THEN v_before.trips + 1
    ELSE 1
  END;
  v_wait := least(60, 2 * 2 ^ least(v_trips - 1, 5)) * (0.8 + 0.4 * random()) * interval '1 second';
  UPDATE target_states SET
    opened_at = CASE WHEN closed_at IS NULL THEN opened_at ELSE clock_timestamp() END,
    probe_after = clock_timestamp() + v_wait, trips = v_trips, reason = p_reason, closed_at = NULL
  WHERE provider_id = p_provider AND credential_id = p_credential AND upstream_model = p_model;
  IF v_before.closed_at IS NOT NULL THEN
    INSERT INTO events (type, data) VALUES ('target.down', jsonb_build_object(
      'provider', v_name, 'provider_id', p_provider, 'credential', nullif(p_credential, ''), 'upstream_model', p_model,
      'reason', p_reason));
  END IF;
  RETURN extract(epoch FROM v_wait) * 1000;
END $$;

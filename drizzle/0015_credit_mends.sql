-- Mends of credit control; for those who call it, it is as before.
--
-- A settlement waits for a lock for less than PostgreSQL waits before it looks for a deadlock (deadlock_timeout, a
-- second), as holds do from their third edition on (0016): whoever waits holds up those who wait for them. Callers try again.
ALTER FUNCTION tollgate_settle_v2(jsonb) SET lock_timeout = '300ms';
--> statement-breakpoint
ALTER FUNCTION tollgate_settle_late_v2(jsonb) SET lock_timeout = '300ms';
--> statement-breakpoint
-- The replay of journals (tollgate_replay_v1), but for items that may have been in the ledger before: those without a
-- row that are from before the time since which it is whole (ledger_state.kept_from). Retention may have removed
-- their rows, and to make them anew would charge them twice. Nothing is done for them, and their ids are the answer:
-- null where there are none.
CREATE FUNCTION tollgate_replay_v2(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_found uuid[];
  v_refused uuid[];
BEGIN
  -- In the order of the first edition: scopes, then rows. A row that is there now stays until it is settled.
  PERFORM 1 FROM organizations o WHERE o.id IN (SELECT (i ->> 'org')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY o.id FOR SHARE;
  PERFORM 1 FROM users u WHERE u.id IN (SELECT (i ->> 'usr')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY u.id FOR SHARE;
  PERFORM 1 FROM api_keys k WHERE k.id IN (SELECT (i ->> 'key')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY k.id FOR SHARE;
  PERFORM 1 FROM apps a WHERE a.id IN (SELECT (i ->> 'app')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY a.id FOR SHARE;
  SELECT array_agg(l.id) INTO v_found FROM (
    SELECT id FROM ledger WHERE id IN (SELECT (i ->> 'id')::uuid FROM jsonb_array_elements(p_items) AS i)
    ORDER BY id FOR UPDATE
  ) l;
  -- Read after the rows: what has removed a row has said so in the same commit. Rows are removed by id and created_at both.
  SELECT array_agg(DISTINCT i.id) INTO v_refused
  FROM jsonb_to_recordset(p_items) AS i (id uuid, created_at timestamptz), ledger_state t
  WHERE i.id <> ALL (coalesce(v_found, '{}')) AND t.id = 1
    AND i.id < tollgate_id_floor(t.kept_from) AND (i.created_at IS NULL OR i.created_at < t.kept_from);
  IF v_refused IS NOT NULL THEN
    p_items := (
      SELECT jsonb_agg(i) FROM jsonb_array_elements(p_items) AS i WHERE (i ->> 'id')::uuid <> ALL (v_refused));
  END IF;
  IF p_items IS NOT NULL THEN
    PERFORM tollgate_replay_v1(p_items);
  END IF;
  RETURN array_to_json(v_refused);
END $$;

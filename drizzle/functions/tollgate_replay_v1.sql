-- Puts requests that a gateway journalled while the database was unavailable into the ledger, in any order and any number
-- of times: each item carries its whole row and its ending.
-- - A missing row is inserted and charged to the bucket of its created_at, in the period that each scope's budget has now.
-- - An existing row was held before or during the outage: it ends in the buckets it names.
-- - From there on it is a late settlement: a swept row moves by the difference, an ended one stays.
-- - A missing row from before ledger_state.kept_from is rejected: retention may have deleted it, and inserting it again
--   would charge it twice. Nothing is done for it.
--
-- Arguments:
--   p_items   as tollgate_settle_late_v1, with { fail_open, hold (USD), po, pu, pk, pa (the scopes' periods as last
--             read, for scopes deleted since) }. Without fail_open: a settlement that a process could not deliver before it ended.
-- Returns: the ids it rejected, or null.
-- Locks: organizations, users, API keys and apps by id (FOR SHARE), ledger rows by id, then counters by id.
-- Errors: lock_not_available (55P03), from tollgate_settle_late_v1.
-- Called by: lib/credit/fail-open/replay.ts.
-- Source: credit.md, "Batches"; design.md, section 8.
CREATE OR REPLACE FUNCTION tollgate_replay_v1(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  -- A gateway's clock may run ahead; no row's time is in the future.
  v_now constant timestamptz := statement_timestamp();
  v_items uuid[];
  v_types scope_type[];
  v_scopes uuid[];
  v_periods period[];
  v_starts timestamptz[];
  v_new uuid[];
  v_found uuid[];
  v_rejected uuid[];
BEGIN
  -- The scopes first, so that no budget changes its period meanwhile: tollgate_rebucket_v1 runs in the transaction
  -- that changes it.
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
  -- Read after the rows are locked: retention deletes rows and moves kept_from in one commit.
  SELECT array_agg(DISTINCT i.id) INTO v_rejected
  FROM jsonb_to_recordset(p_items) AS i (id uuid, created_at timestamptz), ledger_state t
  WHERE i.id <> ALL (coalesce(v_found, '{}')) AND t.id = 1
    AND i.id < tollgate_id_floor(t.kept_from) AND (i.created_at IS NULL OR i.created_at < t.kept_from);
  IF v_rejected IS NOT NULL THEN
    p_items := (
      SELECT jsonb_agg(i) FROM jsonb_array_elements(p_items) AS i WHERE (i ->> 'id')::uuid <> ALL (v_rejected));
  END IF;
  IF p_items IS NULL THEN
    RETURN array_to_json(v_rejected);
  END IF;

  -- One item a request: a real ending takes precedence over the sweep's estimate.
  p_items := (
    SELECT jsonb_agg(d.i) FROM (
      SELECT DISTINCT ON (i ->> 'id') i FROM jsonb_array_elements(p_items) AS i
      ORDER BY i ->> 'id', i ->> 'status' = 'swept'
    ) d
  );

  -- Every scope of every row to insert, with its bucket.
  SELECT array_agg(i.id), array_agg(s.type), array_agg(s.id), array_agg(s.period),
    array_agg(tollgate_period_start(s.period, least(i.created_at, v_now)))
  INTO v_items, v_types, v_scopes, v_periods, v_starts
  FROM jsonb_to_recordset(p_items) AS i (
    id uuid, fail_open boolean, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid,
    po period, pu period, pk period, pa period
  )
  LEFT JOIN organizations o ON o.id = i.org
  LEFT JOIN users u ON u.id = i.usr
  LEFT JOIN api_keys k ON k.id = i.key
  LEFT JOIN apps a ON a.id = i.app
  CROSS JOIN LATERAL (VALUES
    ('organization'::scope_type, i.org, CASE WHEN o.id IS NULL THEN i.po ELSE coalesce(o.budget_period, 'month') END),
    ('user', i.usr, CASE WHEN u.id IS NULL THEN i.pu ELSE coalesce(u.budget_period, 'month') END),
    ('api_key', i.key, CASE WHEN k.id IS NULL THEN i.pk ELSE coalesce(k.budget_period, 'month') END),
    ('app', i.app, CASE WHEN a.id IS NULL THEN i.pa ELSE coalesce(a.budget_period, 'month') END)
  ) AS s (type, id, period)
  WHERE i.fail_open AND s.id IS NOT NULL AND NOT EXISTS (SELECT FROM ledger l WHERE l.id = i.id);

  INSERT INTO counters (scope_type, scope_id, period, period_start)
  SELECT DISTINCT s.type, s.id, s.period, s.start
  FROM unnest(v_types, v_scopes, v_periods, v_starts) AS s (type, id, period, start)
  ORDER BY s.id, s.period, s.start
  ON CONFLICT DO NOTHING;

  -- Nothing is held, since the request has ended. The hold it was admitted with is written below.
  WITH inserted AS (
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, stream, tags,
      client_request_id, session_id, metadata_id, fail_open, counter_ids
    )
    SELECT i.id, least(i.created_at, v_now), 'held', i.org, i.usr, i.key, i.app, i.endpoint, i.model, i.stream,
      i.tags, i.client_request_id, i.session_id, i.metadata, true, ARRAY(
        SELECT c.id
        FROM unnest(v_items, v_scopes, v_periods, v_starts) AS s (item, id, period, start)
        JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start = s.start
        WHERE s.item = i.id ORDER BY c.id)
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid, metadata uuid, endpoint text, model text,
      stream boolean, tags text[], client_request_id text, session_id text
    )
    WHERE i.id = ANY (v_items)
    ORDER BY i.id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT array_agg(id) INTO v_new FROM inserted;

  PERFORM tollgate_settle_late_v1(p_items);

  UPDATE ledger l SET
    fail_open = true,
    hold_usd = CASE WHEN l.id = ANY (v_new) THEN i.hold ELSE l.hold_usd END,
    overrun_usd = CASE WHEN l.id = ANY (v_new) THEN greatest(l.cost_usd - i.hold, 0) ELSE l.overrun_usd END
  FROM jsonb_to_recordset(p_items) AS i (id uuid, fail_open boolean, hold numeric)
  WHERE l.id = i.id AND i.fail_open AND (NOT l.fail_open OR l.id = ANY (v_new));
  RETURN array_to_json(v_rejected);
END $$;

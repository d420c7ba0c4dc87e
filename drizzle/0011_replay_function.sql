-- Puts into the ledger what a gateway has journalled while the database was away, in any order and any
-- number of times: each item carries its whole row and its ending.
-- * A row that is not there is made, and charged to the bucket of its created_at in the period that each scope's
--   budget has now (`po`, `pu`, `pk`, `pa`: the periods as last read, for scopes deleted since).
-- * A row that is there was held before the database went away, or while it did: it ends in the buckets it names.
-- * From there on it is a late settlement: what was swept moves by the difference, what has ended stays.
-- The scopes' rows are locked first, so that no budget changes its period meanwhile (tollgate_rebucket_v1 runs in
-- the transaction that changes it); then, as everywhere, ledger rows, then counters.
-- Items without `fail_open` are settlements that a process could not deliver before it ended.
-- Answers [id, outcome] for each row, as tollgate_settle_late_v2 does.
CREATE FUNCTION tollgate_replay_v1(p_items jsonb)
RETURNS json
LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  -- A gateway's clock may run ahead: no row is of the future.
  v_now constant timestamptz := statement_timestamp();
  v_items uuid[];
  v_types scope_type[];
  v_scopes uuid[];
  v_periods period[];
  v_starts timestamptz[];
  v_new uuid[];
  v_outcomes json;
BEGIN
  -- One item a request: of several, an ending counts before the estimate for want of one.
  p_items := (
    SELECT jsonb_agg(d.i) FROM (
      SELECT DISTINCT ON (i ->> 'id') i FROM jsonb_array_elements(p_items) AS i
      ORDER BY i ->> 'id', i ->> 'status' = 'swept'
    ) d
  );
  PERFORM 1 FROM organizations o WHERE o.id IN (SELECT (i ->> 'org')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY o.id FOR SHARE;
  PERFORM 1 FROM users u WHERE u.id IN (SELECT (i ->> 'usr')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY u.id FOR SHARE;
  PERFORM 1 FROM api_keys k WHERE k.id IN (SELECT (i ->> 'key')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY k.id FOR SHARE;
  PERFORM 1 FROM apps a WHERE a.id IN (SELECT (i ->> 'app')::uuid FROM jsonb_array_elements(p_items) AS i)
  ORDER BY a.id FOR SHARE;

  -- Every scope of every row that is to be made, with its bucket.
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

  -- Nothing is held for it: it has ended already. What it was admitted with is noted below.
  WITH made AS (
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, stream, tags,
      client_request_id, fail_open, counter_ids
    )
    SELECT i.id, least(i.created_at, v_now), 'held', i.org, i.usr, i.key, i.app, i.endpoint, i.model, i.stream,
      i.tags, i.client_request_id, true, ARRAY(
        SELECT c.id
        FROM unnest(v_items, v_scopes, v_periods, v_starts) AS s (item, id, period, start)
        JOIN counters c ON c.scope_id = s.id AND c.period = s.period AND c.period_start = s.start
        WHERE s.item = i.id ORDER BY c.id)
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid, endpoint text, model text,
      stream boolean, tags text[], client_request_id text
    )
    WHERE i.id = ANY (v_items)
    ORDER BY i.id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT array_agg(id) INTO v_new FROM made;

  v_outcomes := tollgate_settle_late_v2(p_items);

  UPDATE ledger l SET
    fail_open = true,
    hold_usd = CASE WHEN l.id = ANY (v_new) THEN i.hold ELSE l.hold_usd END,
    overrun_usd = CASE WHEN l.id = ANY (v_new) THEN greatest(l.cost_usd - i.hold, 0) ELSE l.overrun_usd END
  FROM jsonb_to_recordset(p_items) AS i (id uuid, fail_open boolean, hold numeric)
  WHERE l.id = i.id AND i.fail_open AND (NOT l.fail_open OR l.id = ANY (v_new));
  RETURN v_outcomes;
END $$;

-- Ends rows in whatever state they are. Settled or released: nothing changes. Swept: the row moves to the settlement by
-- the difference, in its original buckets. Missing: the item carries the whole row, so a hold that a database fail-over
-- lost is billed all the same.
--
-- Arguments:
--   p_items   as tollgate_settle_v1, and for a row that may be missing { created_at, org, usr, key, app, metadata, endpoint, model,
--             stream, tags, client_request_id, session_id, counter_ids }
-- Returns: [[id, outcome]] for each row that exists: the new status, or `already_` and the status it had.
-- Locks: ledger rows by id (missing ones are inserted), then counters by id.
-- Errors: lock_not_available (55P03) after 300 ms.
-- Called by: lib/credit/ledger/ledger-calls.ts, tollgate_replay_v1.
-- Source: credit.md, "Batches".
CREATE OR REPLACE FUNCTION tollgate_settle_late_v1(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_found uuid[];
  v_counters bigint[];
  v_after_sweep uuid[];
  v_settled json;
BEGIN
  LOOP
    SELECT array_agg(DISTINCT f.id), array_agg(DISTINCT b.id), array_agg(DISTINCT f.id) FILTER (WHERE f.after_sweep)
    INTO v_found, v_counters, v_after_sweep
    FROM (
      SELECT l.id, l.counter_ids, l.status = 'swept' AND i.status <> 'swept' AS after_sweep
      FROM jsonb_to_recordset(p_items) AS i (id uuid, status ledger_status)
      JOIN ledger l ON l.id = i.id
      ORDER BY l.id FOR UPDATE OF l
    ) f LEFT JOIN LATERAL unnest(f.counter_ids) AS b (id) ON true;
    EXIT WHEN cardinality(v_found) = jsonb_array_length(p_items);

    -- The hold never arrived or was lost: insert the row with nothing held.
    INSERT INTO ledger (
      id, created_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model, stream, tags,
      client_request_id, session_id, metadata_id, counter_ids
    )
    SELECT i.id, coalesce(i.created_at, statement_timestamp()), 'held', i.org, i.usr, i.key, i.app, i.endpoint,
      i.model, i.stream, i.tags, i.client_request_id, i.session_id, i.metadata, coalesce(i.counter_ids, '{}')
    FROM jsonb_to_recordset(p_items) AS i (
      id uuid, created_at timestamptz, org uuid, usr uuid, key uuid, app uuid, metadata uuid, endpoint text, model text,
      stream boolean, tags text[], client_request_id text, session_id text, counter_ids bigint[]
    )
    WHERE i.id <> ALL (coalesce(v_found, '{}')) AND i.org IS NOT NULL
    ORDER BY i.id
    ON CONFLICT (id) DO NOTHING;
    -- Nothing inserted: the batch contains an id twice, or a swept row has been deleted.
    EXIT WHEN NOT FOUND;
  END LOOP;

  PERFORM 1 FROM counters c WHERE c.id = ANY (v_counters) ORDER BY c.id FOR UPDATE;

  IF v_after_sweep IS NOT NULL THEN
    PERFORM tollgate_unsweep_v1(v_after_sweep);
  END IF;

  v_settled := tollgate_settle_v1(p_items);
  RETURN (
    SELECT json_agg(json_build_array(
      l.id, CASE WHEN v_settled IS NULL OR v_settled::jsonb ? l.id::text THEN l.status::text
        ELSE 'already_' || l.status END))
    FROM ledger l WHERE l.id = ANY (v_found)
  );
END $$;

-- Ends held rows: settled (billed), released (a definitive, unbilled error) or swept (the owner is gone). Moves the cost
-- from held to spent in the buckets each row was held in, and appends it to the pending usage. Does not look at limits:
-- a settlement always succeeds. Where a counter reaches the spend at which its budget's next event is due, records the event.
--
-- Arguments:
--   p_items   [{ id, status, cost (USD), input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens,
--             meters (other counts by name; null for none), usage_source, provider, upstream_model, price, http_status, error_code, latency_ms, ttft_ms,
--             dropped (null for nothing), provider_cost (USD; null if the provider does not say), dispatched_ms,
--             attempts (null for a single one that answered) }].
--             Null for provider, upstream_model or price keeps what the hold wrote.
-- Returns: null when every row was held and has ended as its item says; otherwise the ids of those that have. The rest
--   (ended already, swept, or missing) are for tollgate_settle_late_v1.
-- Locks: ledger rows by id, then counters by id.
-- Errors: lock_not_available (55P03) after 300 ms, which is less than deadlock_timeout: callers resend.
-- Called by: lib/credit/ledger/ledger-calls.ts, tollgate_batch_v1, tollgate_settle_late_v1, tollgate_sweep_v1.
-- Counters are found by ctid: while an old snapshot is open, a look-up by id walks through all versions of a counter
-- (10 000 versions: 0.3 ms instead of 5 us). The settings force index look-ups and ordered groups.
-- Source: credit.md, "Locks", "Buckets".
CREATE OR REPLACE FUNCTION tollgate_settle_v1(p_items jsonb) RETURNS json
LANGUAGE plpgsql SET lock_timeout = '300ms' SET enable_hashagg = off SET jit = off SET enable_seqscan = off
SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_n constant integer := jsonb_array_length(p_items);
  v_closed uuid[];
  v_counted bigint[];
  v_has_missed boolean;
  v_is_due boolean;
  v_is_due_too boolean;
BEGIN
  WITH items AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(p_items) AS i (
      id uuid, status ledger_status, cost numeric, input_tokens bigint, output_tokens bigint, cached_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, meters jsonb, usage_source usage_source, provider text,
      upstream_model text, price uuid, http_status integer, error_code text, latency_ms integer, ttft_ms integer,
      dropped text[], provider_cost numeric, dispatched_ms integer, attempts jsonb
    ) ORDER BY id
    -- The limit keeps every item, but makes the planner expect a tenth of them and look each row up by its id.
    LIMIT v_n
  ), closed AS (
    UPDATE ledger l SET
      status = i.status, settled_at = statement_timestamp(), cost_usd = i.cost,
      overrun_usd = greatest(i.cost - l.hold_usd, 0),
      input_tokens = i.input_tokens, output_tokens = i.output_tokens, cached_tokens = i.cached_tokens,
      cache_write_tokens = i.cache_write_tokens, reasoning_tokens = i.reasoning_tokens,
      meters = coalesce(i.meters, l.meters),
      usage_source = i.usage_source, provider = coalesce(i.provider, l.provider),
      upstream_model = coalesce(i.upstream_model, l.upstream_model),
      price_version_id = coalesce(i.price, l.price_version_id),
      http_status = i.http_status, error_code = i.error_code, latency_ms = i.latency_ms, ttft_ms = i.ttft_ms,
      dropped = coalesce(i.dropped, l.dropped), provider_cost_usd = i.provider_cost,
      dispatched_ms = i.dispatched_ms, attempts = i.attempts
    FROM items i
    WHERE l.id = i.id AND l.status = 'held'
    RETURNING l.id, l.instance_id, l.hold_usd, l.cost_usd, l.counter_ids, l.created_at, l.organization_id,
      l.user_id, l.api_key_id, l.app_id, l.model, l.provider, l.upstream_model, l.endpoint, l.tags, l.metadata_id, l.http_status,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.latency_ms, l.ttft_ms
  ), counted AS (
    -- The newest version of each counter, found as in the hold. Those that have changed since are updated below.
    UPDATE counters c SET
      held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
    FROM (
      SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
        count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended, count(*) AS named
      FROM closed l, unnest(l.counter_ids) AS b (id) GROUP BY b.id
    ) s, LATERAL (
      SELECT n.ctid AS newest FROM counters n WHERE n.id BETWEEN s.id AND s.id ORDER BY n.id DESC LIMIT 1
    ) n
    WHERE c.ctid = n.newest
    RETURNING c.id, s.named, c.spent_usd >= c.alert_usd AS due
  ), pending AS (
    INSERT INTO usage_pending (
      at, organization_id, user_id, api_key_id, app_id, model, provider, upstream_model, endpoint, tags, requests, errors,
      input_tokens, output_tokens, cached_tokens, cost_usd, latency_ms, ttft_ms, metadata_id
    )
    SELECT date_bin('15 minutes', l.created_at, 'epoch'), l.organization_id, l.user_id, l.api_key_id, l.app_id,
      l.model, l.provider, l.upstream_model, l.endpoint, l.tags, 1, CASE WHEN l.http_status >= 400 THEN 1 ELSE 0 END,
      l.input_tokens, l.output_tokens, l.cached_tokens, l.cost_usd, l.latency_ms, l.ttft_ms, l.metadata_id
    FROM closed l
  )
  SELECT l.ids, c.ids, l.named > coalesce(c.named, 0), c.due INTO v_closed, v_counted, v_has_missed, v_is_due
  FROM (SELECT array_agg(id) AS ids, sum(cardinality(counter_ids)) AS named FROM closed) l,
    (SELECT array_agg(id) AS ids, sum(named) AS named, bool_or(due) AS due FROM counted) c;
  IF v_has_missed THEN
    -- The statement waited for a counter, or for a row that moved meanwhile to a bucket that its snapshot cannot see.
    -- A new statement can.
    WITH counted AS (
      UPDATE counters c SET
        held_usd = c.held_usd - s.freed, spent_usd = c.spent_usd + s.spent, open_holds = c.open_holds - s.ended
      FROM (
        SELECT b.id, sum(l.hold_usd) AS freed, sum(l.cost_usd) AS spent,
          count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS ended
        FROM ledger l, unnest(l.counter_ids) AS b (id)
        WHERE l.id = ANY (v_closed) AND b.id <> ALL (coalesce(v_counted, '{}')) GROUP BY b.id
      ) s
      WHERE c.id = s.id
      RETURNING c.spent_usd >= c.alert_usd AS due
    )
    SELECT bool_or(due) INTO v_is_due_too FROM counted;
  END IF;
  IF v_is_due OR v_is_due_too THEN
    PERFORM tollgate_raise_budget_events_v1(
      (SELECT array_agg(DISTINCT b.id) FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (v_closed)));
  END IF;
  RETURN CASE WHEN cardinality(v_closed) = v_n THEN NULL ELSE coalesce(array_to_json(v_closed), '[]') END;
END $$;

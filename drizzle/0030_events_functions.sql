-- Records an adjustment (a refund, a top-up taken back, a reset): a ledger row with a reason and an actor, charged to the
-- running bucket of one scope and no other. The usage rollup does not change: a counter's `spent` is the cost of its
-- requests plus its adjustments. Records the budget's event if the adjustment reaches a threshold.
--
-- Arguments:
--   p_id            the ledger row's id; a repeated id changes nothing
--   p_scope_type, p_scope_id, p_period   the bucket to charge: the running one of that period
--   p_organization, p_user, p_key, p_app the row's own columns; of the last three only the scope's id is set
--   p_amount        USD, negative for a refund; null takes back everything the bucket has spent
--   p_reason, p_actor   why, and who is responsible
-- Returns: the amount in USD; for a repeated id, the earlier amount.
-- Locks: the ledger row, then the counter (created if missing).
-- Called by: lib/services/adjustments/charge-adjustment.ts.
-- Source: credit.md, "Buckets".
CREATE OR REPLACE FUNCTION tollgate_adjust_v1(
  p_id uuid, p_scope_type scope_type, p_scope_id uuid, p_period period,
  p_organization uuid, p_user uuid, p_key uuid, p_app uuid, p_amount numeric, p_reason text, p_actor text
) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
  v_counter bigint;
  v_spent numeric;
  v_amount numeric;
  v_is_due boolean;
BEGIN
  SELECT cost_usd INTO v_amount FROM ledger WHERE id = p_id FOR UPDATE;
  IF FOUND THEN
    RETURN v_amount;
  END IF;
  INSERT INTO counters (scope_type, scope_id, period, period_start)
  VALUES (p_scope_type, p_scope_id, p_period, tollgate_period_start(p_period, statement_timestamp()))
  ON CONFLICT DO NOTHING;
  SELECT c.id, c.spent_usd INTO v_counter, v_spent FROM counters c
  WHERE c.scope_id = p_scope_id AND c.period = p_period
    AND c.period_start = tollgate_period_start(p_period, statement_timestamp())
  FOR UPDATE;
  v_amount := coalesce(p_amount, -v_spent);
  INSERT INTO ledger (
    id, created_at, settled_at, status, organization_id, user_id, api_key_id, app_id, endpoint, model,
    cost_usd, reason, adjusted_by, counter_ids
  ) VALUES (
    p_id, statement_timestamp(), statement_timestamp(), 'adjustment', p_organization, p_user, p_key, p_app,
    'adjustment', 'adjustment', v_amount, p_reason, p_actor, ARRAY[v_counter]
  );
  UPDATE counters SET spent_usd = spent_usd + v_amount WHERE id = v_counter RETURNING spent_usd >= alert_usd INTO v_is_due;
  IF v_is_due THEN
    PERFORM tollgate_raise_budget_events_v1(ARRAY[v_counter]);
  END IF;
  RETURN v_amount;
END $$;
--> statement-breakpoint
-- The budget of a scope, whose it is, and the scope's name; no row without a budget.
--
-- Called by: tollgate_first_alert, tollgate_raise_budget_events_v1.
CREATE OR REPLACE FUNCTION tollgate_budget_of(p_type scope_type, p_id uuid)
RETURNS TABLE (organization_id uuid, user_id uuid, name text, limit_usd numeric, period period, soft_percent smallint)
LANGUAGE sql STABLE AS $$
  SELECT o.id, NULL::uuid, o.name, o.budget_limit_usd, o.budget_period, o.budget_soft_percent
  FROM organizations o WHERE p_type = 'organization' AND o.id = p_id AND o.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT u.organization_id, u.id, coalesce(u.name, u.email), u.budget_limit_usd, u.budget_period, u.budget_soft_percent
  FROM users u WHERE p_type = 'user' AND u.id = p_id AND u.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT k.organization_id, k.user_id, k.name, k.budget_limit_usd, k.budget_period, k.budget_soft_percent
  FROM api_keys k WHERE p_type = 'api_key' AND k.id = p_id AND k.budget_limit_usd IS NOT NULL
  UNION ALL
  SELECT a.organization_id, NULL, a.name, a.budget_limit_usd, a.budget_period, a.budget_soft_percent
  FROM apps a WHERE p_type = 'app' AND a.id = p_id AND a.budget_limit_usd IS NOT NULL
$$;
--> statement-breakpoint
-- Trigger function: gives a new counter the spend at which its budget's first event is due, so that settling compares one
-- number and reads no limits.
--
-- Called by: the trigger below.
CREATE OR REPLACE FUNCTION tollgate_first_alert() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.alert_usd := (
    SELECT tollgate_next_alert(b.limit_usd, b.soft_percent, NEW.spent_usd)
    FROM tollgate_budget_of(NEW.scope_type, NEW.scope_id) b WHERE b.period = NEW.period);
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER first_alert BEFORE INSERT ON counters
  FOR EACH ROW EXECUTE FUNCTION tollgate_first_alert();
--> statement-breakpoint
-- What a budget's counter must have spent for its next event: the soft limit's share, then the limit, then null. A limit of
-- zero blocks and has no events.
--
-- Called by: tollgate_first_alert, tollgate_raise_budget_events_v1, lib/services/budgets/raise-budget-events.ts.
CREATE OR REPLACE FUNCTION tollgate_next_alert(p_limit numeric, p_soft_percent smallint, p_spent numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN p_limit <= 0 THEN NULL
    WHEN p_spent * 100 < p_limit * p_soft_percent THEN ceil(p_limit * p_soft_percent * 1e10) * 0.000000000001
    WHEN p_spent < p_limit THEN p_limit
  END
$$;
--> statement-breakpoint
-- Records the thresholds that the budgets of counters have reached, each once per period, and tells of them in the outbox;
-- then sets the spend at which each counter's next event is due.
--
-- Arguments:
--   p_counters   counters, which the caller has locked
-- Returns: [{ kind, scope_type, scope_id, period, limit_usd, percent, spent_usd }] of the new events; null for none.
-- Locks: none of its own.
-- Called by: tollgate_settle_v1 and tollgate_adjust_v1 in the transaction that crosses a threshold, and
--   lib/services/budgets/raise-budget-events.ts for what changes of budgets have crossed.
CREATE OR REPLACE FUNCTION tollgate_raise_budget_events_v1(p_counters bigint[]) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  v_raised json;
BEGIN
  WITH budgets AS MATERIALIZED (
    SELECT c.scope_type, c.scope_id, c.period, c.period_start, c.spent_usd, b.organization_id, b.user_id, b.name,
      b.limit_usd, b.soft_percent
    FROM counters c, LATERAL tollgate_budget_of(c.scope_type, c.scope_id) b
    WHERE c.id = ANY (p_counters) AND b.period = c.period AND b.limit_usd > 0
  ), raised AS (
    INSERT INTO budget_events (
      kind, scope_type, scope_id, organization_id, period, period_start, limit_usd, percent, spent_usd
    )
    SELECT k.kind, b.scope_type, b.scope_id, b.organization_id, b.period, b.period_start, b.limit_usd, k.percent, b.spent_usd
    FROM budgets b CROSS JOIN LATERAL (VALUES
      ('soft_limit_reached'::budget_event_kind, b.soft_percent), ('limit_reached', 100::smallint)
    ) AS k (kind, percent)
    WHERE b.spent_usd * 100 >= b.limit_usd * k.percent
      -- The unique index alone would do, but each call would use up a sequence number per known event.
      AND NOT EXISTS (
        SELECT FROM budget_events e
        WHERE e.scope_id = b.scope_id AND e.organization_id IS NOT DISTINCT FROM b.organization_id AND e.period = b.period
          AND e.period_start = b.period_start AND e.kind = k.kind AND e.percent = k.percent
          AND (e.period <> 'total' OR e.limit_usd = b.limit_usd)
      )
    ORDER BY b.scope_id, k.kind
    ON CONFLICT DO NOTHING
    RETURNING *
  ), told AS (
    INSERT INTO events (type, organization_id, user_id, data)
    SELECT CASE r.kind WHEN 'limit_reached' THEN 'budget.exhausted' ELSE 'budget.threshold' END, r.organization_id,
      b.user_id, jsonb_build_object(
        'scope', jsonb_build_object('type', r.scope_type, 'id', r.scope_id, 'name', b.name),
        'organization_id', r.organization_id, 'period', r.period,
        'period_start', CASE WHEN r.period <> 'total'
          THEN to_char(r.period_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
        'limit_usd', trim_scale(r.limit_usd)::text, 'percent', r.percent, 'spent_usd', trim_scale(r.spent_usd)::text)
    FROM raised r JOIN budgets b USING (scope_type, scope_id, period, period_start)
  )
  SELECT json_agg(json_build_object(
    'kind', kind, 'scope_type', scope_type, 'scope_id', scope_id, 'period', period,
    'limit_usd', trim_scale(limit_usd)::text, 'percent', percent, 'spent_usd', trim_scale(spent_usd)::text) ORDER BY id)
  INTO v_raised FROM raised;
  UPDATE counters c SET alert_usd = n.alert_usd
  FROM (
    SELECT k.id, (
      SELECT tollgate_next_alert(b.limit_usd, b.soft_percent, k.spent_usd)
      FROM tollgate_budget_of(k.scope_type, k.scope_id) b WHERE b.period = k.period
    ) AS alert_usd
    FROM counters k WHERE k.id = ANY (p_counters)
  ) n
  WHERE c.id = n.id AND c.alert_usd IS DISTINCT FROM n.alert_usd;
  RETURN v_raised;
END $$;
--> statement-breakpoint
-- Ends held rows: settled (billed), released (a definitive, unbilled error) or swept (the owner is gone). Moves the cost
-- from held to spent in the buckets each row was held in, and adds it to the usage rollup. Does not look at limits:
-- a settlement always succeeds. Where a counter reaches the spend at which its budget's next event is due, records the event.
--
-- Arguments:
--   p_items   [{ id, status, cost (USD), input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens,
--             meters (other counts by name; null for none), usage_source, provider, upstream_model, price, http_status, error_code, latency_ms, ttft_ms,
--             dropped (null for nothing), provider_cost (USD; null if the provider does not say) }].
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
      dropped text[], provider_cost numeric
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
      dropped = coalesce(i.dropped, l.dropped), provider_cost_usd = i.provider_cost
    FROM items i
    WHERE l.id = i.id AND l.status = 'held'
    RETURNING l.id, l.instance_id, l.hold_usd, l.cost_usd, l.counter_ids, l.created_at, l.organization_id,
      l.user_id, l.api_key_id, l.app_id, l.model, l.provider, l.http_status, l.input_tokens, l.output_tokens, l.cached_tokens
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
  ), rolled_up AS (
    INSERT INTO usage_hourly AS h (
      hour, organization_id, user_id, api_key_id, app_id, model, provider, requests, errors, input_tokens,
      output_tokens, cached_tokens, cost_usd
    )
    SELECT date_trunc('hour', l.created_at, 'UTC'), l.organization_id, l.user_id, l.api_key_id, l.app_id, l.model,
      l.provider, count(*), count(*) FILTER (WHERE l.http_status >= 400), sum(l.input_tokens), sum(l.output_tokens),
      sum(l.cached_tokens), sum(l.cost_usd)
    FROM closed l
    -- Needs no order: settlements that share a group also share its organization's counter, which is locked.
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT ON CONSTRAINT usage_hourly_group DO UPDATE SET
      requests = h.requests + excluded.requests, errors = h.errors + excluded.errors,
      input_tokens = h.input_tokens + excluded.input_tokens, output_tokens = h.output_tokens + excluded.output_tokens,
      cached_tokens = h.cached_tokens + excluded.cached_tokens, cost_usd = h.cost_usd + excluded.cost_usd
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

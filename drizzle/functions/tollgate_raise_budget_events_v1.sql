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

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

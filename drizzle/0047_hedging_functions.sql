DROP FUNCTION tollgate_raise_hold_v1(uuid,numeric);
--> statement-breakpoint
-- Raises the hold of a request that is in flight, if every budget that it is held in has that much left: before another
-- target is tried, for what the failed one may bill, or for what a second attempt at the same time may cost.
--
-- Arguments:
--   p_id         the ledger row
--   p_usd        by how much
--   p_if_swept   what a sweep charges besides from then on (USD)
-- Returns: whether it was raised; false also if the row is no longer held. Not safe to resend.
-- Locks: the ledger row, then counters by id. No batch settles the row meanwhile, since its request has not ended.
-- Errors: lock_not_available (55P03) after 300 ms.
-- Called by: lib/credit/ledger/raise-hold.ts.
-- Source: credit.md, "What a hold covers".
CREATE OR REPLACE FUNCTION tollgate_raise_hold_v1(p_id uuid, p_usd numeric, p_if_swept numeric) RETURNS boolean
LANGUAGE plpgsql SET lock_timeout = '300ms' AS $$
DECLARE
  v_counters bigint[];
BEGIN
  SELECT counter_ids INTO v_counters FROM ledger WHERE id = p_id AND status = 'held' FOR UPDATE;
  PERFORM 1 FROM counters WHERE id = ANY (v_counters) ORDER BY id FOR UPDATE;
  -- Limits are read after the locks, as in tollgate_hold_v1. A bucket that is no longer the budget's has no limit.
  IF NOT FOUND OR EXISTS (
    SELECT FROM counters c, LATERAL (
      SELECT budget_limit_usd, budget_period FROM organizations WHERE c.scope_type = 'organization' AND id = c.scope_id
      UNION ALL SELECT budget_limit_usd, budget_period FROM users WHERE c.scope_type = 'user' AND id = c.scope_id
      UNION ALL SELECT budget_limit_usd, budget_period FROM api_keys WHERE c.scope_type = 'api_key' AND id = c.scope_id
      UNION ALL SELECT budget_limit_usd, budget_period FROM apps WHERE c.scope_type = 'app' AND id = c.scope_id
    ) s
    WHERE c.id = ANY (v_counters) AND s.budget_period = c.period
      AND c.spent_usd + c.held_usd + p_usd > s.budget_limit_usd
  ) THEN
    RETURN false;
  END IF;
  UPDATE counters SET held_usd = held_usd + p_usd WHERE id = ANY (v_counters);
  UPDATE ledger SET hold_usd = hold_usd + p_usd, if_swept_usd = if_swept_usd + p_if_swept WHERE id = p_id;
  RETURN true;
END $$;

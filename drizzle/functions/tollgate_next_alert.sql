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

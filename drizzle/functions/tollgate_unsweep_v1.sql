-- Undoes sweeps, within the late settlement that knows better: the rows are held again, and counters and rollup are as
-- they were before the sweep.
--
-- Arguments:
--   p_ids   ledger rows; those that are not swept are ignored
-- Returns: nothing.
-- Locks: none of its own. The caller has locked the rows and their counters.
-- Called by: tollgate_settle_late_v1.
-- Source: credit.md, "Batches".
CREATE OR REPLACE FUNCTION tollgate_unsweep_v1(p_ids uuid[]) RETURNS void
LANGUAGE sql AS $$
  UPDATE usage_hourly h SET
    requests = h.requests - s.requests, errors = h.errors - s.errors, input_tokens = h.input_tokens - s.input,
    output_tokens = h.output_tokens - s.output, cost_usd = h.cost_usd - s.cost
  FROM (
    SELECT date_trunc('hour', l.created_at, 'UTC') AS hour, l.organization_id, l.user_id, l.api_key_id, l.app_id,
      l.model, l.provider, count(*) AS requests, count(*) FILTER (WHERE l.http_status >= 400) AS errors,
      sum(l.input_tokens) AS input, sum(l.output_tokens) AS output, sum(l.cost_usd) AS cost
    FROM ledger l WHERE l.id = ANY (p_ids) AND l.status = 'swept'
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
  ) s
  WHERE (h.hour, h.organization_id, h.model) = (s.hour, s.organization_id, s.model)
    AND (h.user_id, h.api_key_id, h.app_id, h.provider)
      IS NOT DISTINCT FROM (s.user_id, s.api_key_id, s.app_id, s.provider);
  UPDATE counters c SET held_usd = c.held_usd + s.held, spent_usd = c.spent_usd - s.spent,
    open_holds = c.open_holds + s.reopened
  FROM (
    SELECT b.id, sum(l.hold_usd) AS held, sum(l.cost_usd) AS spent,
      count(*) FILTER (WHERE l.instance_id IS NOT NULL) AS reopened
    FROM ledger l, unnest(l.counter_ids) AS b (id) WHERE l.id = ANY (p_ids) AND l.status = 'swept' GROUP BY b.id
  ) s
  WHERE c.id = s.id;
  UPDATE ledger l SET status = 'held', cost_usd = 0, error_code = NULL
  WHERE l.id = ANY (p_ids) AND l.status = 'swept';
$$;
